"""The exchange in a thread of this process, for callers that are not asynchronous themselves."""

import asyncio
import threading
from types import TracebackType

from pipeline.ports import Clock
from pipeline.rehearsal.exchange.server import LoopbackExchange
from pipeline.rehearsal.exchange.settings import Settings


class ExchangeInThread:
    """`with` starts and stops it; `address` is where it listens. Read its books over the control endpoints, not across threads."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._live, name="loopback exchange", daemon=True)
        self.address = ""

    def start(self) -> None:
        """Return when it listens. Raises what kept it from it."""
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        """Return when the port is closed. Raises what went wrong inside, if anything did."""
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        if self._failure:
            raise self._failure

    def __enter__(self) -> "ExchangeInThread":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _live(self) -> None:
        try:
            asyncio.run(self._run())
        except Exception as error:  # carried over to the caller's thread
            self._failure = error
        finally:
            self._ready.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with LoopbackExchange(self._settings, self._clock) as exchange:
            self.address = exchange.address
            self._ready.set()
            await self._ended.wait()
