"""The monitor on the web: aiohttp, which answers GET and HEAD, asks for the token where there is one, and logs no request."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address

from aiohttp import web

from pipeline.adapters.monitor_token import Token
from pipeline.domain.monitor.curve import Span
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.ports import Narrator
from pipeline.ports.monitoring import Pages

KEPT_SECONDS = 2.0
"""For so long whoever asks next gets the same page: many who look cost no more than one."""

LONGEST_WAIT_SECONDS = 30.0
FIRST = Span.MONTH
"""What is shown to whoever does not choose."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Server": "freqtrain",
}
NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'"

Handled = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where it listens; port 0 lets the system choose."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this device reaches it."""
        with suppress(ValueError):
            return ip_address(self.host).is_loopback
        return self.host == "localhost"


@dataclass(frozen=True)
class MonitorServer:
    """One server. `texts` are further pages of plain text by path, such as numbers for another program."""

    pages: Pages
    address: Address
    narrator: Narrator
    token: Token | None = None
    texts: Mapping[str, tuple[str, Callable[[], str]]] = field(default_factory=dict)
    """Path -> content type, and what makes the text."""

    def serve(self, listening: Callable[[str], None]) -> None:
        """Answer until the process is interrupted or asked to end; `listening` is told the address once pages come at once.

        Raises:
            ToolFailed: the port is taken, or the host is not this device's.
        """
        asyncio.run(self.run(listening, _ended_by_signals))

    async def run(self, listening: Callable[[str], None], ended: Callable[[], Awaitable[None]]) -> None:
        """As `serve`, until `ended` returns."""
        answers = _Answers(self)
        application = web.Application(middlewares=[answers.guarded], client_max_size=1024)
        application.on_response_prepare.append(_dressed)
        application.router.add_get("/", answers.page)
        application.router.add_get("/api/overview.json", answers.document)
        application.router.add_get("/evidence/{bundle:[0-9a-f]{64}}/{evidence:[0-9a-f]{64}}.json", answers.evidence)
        for path in self.texts:
            application.router.add_get(path, answers.text)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0, handle_signals=False)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, self.address.host, self.address.port).start()
            except OSError as error:
                told = f"{self.address.host}:{self.address.port} cannot be listened on: {error.strerror or error}"
                raise ToolFailed(told, hint="choose another --port, or a --host of this device") from error
            host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
            where = f"http://{host}:{runner.addresses[0][1]}/"
            self.narrator.say(f"reading and checking the ledgers, to be shown at {where}")
            await _until(ended, answers.begin(), lambda: listening(where))
        finally:
            await runner.cleanup()
            answers.close()


class _Answers:
    """What is answered. One thread looks at the device, so that whoever waits keeps nobody from being answered."""

    def __init__(self, server: MonitorServer) -> None:
        self._server = server
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="looks at the device")
        self._kept: dict[str, tuple[float, str]] = {}
        self._last_problem = ""

    def begin(self) -> asyncio.Future[None]:
        """Look once before anybody asks: the first look reads whole ledgers. Who asks before it is over waits for it."""
        return asyncio.get_running_loop().run_in_executor(self._looking, self._looked)

    def close(self) -> None:
        self._looking.shutdown(wait=False, cancel_futures=True)

    @web.middleware
    async def guarded(self, request: web.Request, handler: Handled) -> web.StreamResponse:
        """Nothing without the token where there is one; otherwise nothing for a page of another name that a browser was led to."""
        token = self._server.token
        if token is not None and not token.fits(request.headers.get("Authorization", "")):
            ask = {"WWW-Authenticate": 'Basic realm="freqtrain monitor", charset="UTF-8"'}
            return web.Response(status=401, text="The token is missing or wrong.\n", headers=ask)
        if token is None and not self._is_own(request.host):
            return web.Response(status=403, text="This is another host than the monitor's.\n")
        try:
            return await handler(request)
        except FreqtrainError as error:
            return self._failed(error.message)
        except TimeoutError:
            wait = {"Retry-After": "10", "Refresh": "10"}
            return web.Response(status=503, text="The ledgers are still being read; this asks again.\n", headers=wait)
        except web.HTTPException:
            raise
        except Exception as error:  # A mistake in one page ends no other.
            return self._failed(f"{type(error).__name__}: {error}")

    async def page(self, request: web.Request) -> web.StreamResponse:
        span = _span(request)
        text = await self._made(f"page {span}", lambda: self._server.pages.page(span))
        response = web.Response(text=text, content_type="text/html", charset="utf-8")
        response.headers["Content-Security-Policy"] = self._server.pages.policy
        response.enable_compression()
        return response

    async def document(self, request: web.Request) -> web.StreamResponse:
        span = _span(request)
        text = await self._made(f"document {span}", lambda: self._server.pages.document(span))
        response = web.Response(text=text, content_type="application/json", charset="utf-8")
        response.enable_compression()
        return response

    async def evidence(self, request: web.Request) -> web.StreamResponse:
        """As it is stored, whatever is in it: never as a page."""
        names = request.match_info["bundle"], request.match_info["evidence"]
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._looking, lambda: self._server.pages.evidence(*names))
        if found is None:
            raise web.HTTPNotFound(text="There is no such evidence.\n")
        response = web.Response(body=found, content_type="application/json", charset="utf-8")
        response.enable_compression()
        return response

    async def text(self, request: web.Request) -> web.StreamResponse:
        kind, make = self._server.texts[request.path]
        text = await self._made(request.path, make)
        return web.Response(body=text.encode(), headers={"Content-Type": kind})

    async def _made(self, name: str, make: Callable[[], str]) -> str:
        loop = asyncio.get_running_loop()

        def made() -> str:
            at, text = self._kept.get(name, (float("-inf"), ""))
            if loop.time() - at > KEPT_SECONDS:
                text = make()
                self._kept = {key: old for key, old in self._kept.items() if loop.time() - old[0] <= KEPT_SECONDS}
                self._kept[name] = (loop.time(), text)
            return text

        return await asyncio.wait_for(loop.run_in_executor(self._looking, made), LONGEST_WAIT_SECONDS)

    def _looked(self) -> None:
        with suppress(Exception):  # Whoever asks gets to know.
            self._server.pages.begin()

    def _failed(self, message: str) -> web.Response:
        if message != self._last_problem:
            self._server.narrator.say(f"a page could not be made: {message}")
            self._last_problem = message
        return web.Response(status=500, text="This page could not be made; the monitor's own output says why.\n")

    def _is_own(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return name.strip("[]").lower() in {"localhost", "127.0.0.1", "::1", self._server.address.host.lower()}


async def _until(ended: Callable[[], Awaitable[None]], begun: asyncio.Future[None], tell: Callable[[], None]) -> None:
    """Wait for the end, and `tell` that it has begun, unless the end comes before that."""
    over = asyncio.ensure_future(ended())
    try:
        await asyncio.wait({over, begun}, return_when=asyncio.FIRST_COMPLETED)
        if not over.done():
            tell()
        await over
    finally:
        over.cancel()
        begun.cancel()


def _span(request: web.Request) -> Span:
    try:
        return Span(request.query.get("span", FIRST.value))
    except ValueError:
        raise web.HTTPBadRequest(text=f"span is one of {', '.join(Span)}\n") from None


async def _dressed(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    response.headers.setdefault("Content-Security-Policy", NOTHING_ALLOWED)


async def _ended_by_signals() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
