"""The exchange on the web: aiohttp on 127.0.0.1, which reads requests, lets faults have their way, and writes answers."""

import asyncio
from collections import Counter
from contextlib import suppress
from types import TracebackType
from urllib.parse import parse_qsl

from aiohttp import web

from pipeline.ports import Clock
from pipeline.rehearsal.exchange import refusals
from pipeline.rehearsal.exchange.asking import Asking
from pipeline.rehearsal.exchange.control import PREFIX, Control
from pipeline.rehearsal.exchange.endpoints import ENDPOINTS, NEW_ORDER
from pipeline.rehearsal.exchange.faults import Call, FaultKind, Faults
from pipeline.rehearsal.exchange.refusals import Refusal, Rejected
from pipeline.rehearsal.exchange.settings import Settings
from pipeline.rehearsal.exchange.signing import signer
from pipeline.rehearsal.exchange.venue import Venue

HOST = "127.0.0.1"
SETTLE_SECONDS = 1.0
NOT_SPOKEN = Refusal(-1, "This path is not spoken by the loopback exchange.", 404)


class LoopbackExchange:
    """One exchange; `async with` starts and stops it. Its state lives in memory only."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.venue = Venue(settings, clock)
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        """How often each method and path was asked for."""
        self.address = ""
        """`http://127.0.0.1:PORT` while it runs."""
        self._control = Control(self.venue, self.faults, self.calls)
        self._runner: web.AppRunner | None = None
        self._settling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises OSError: the port is taken."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self.venue.settings.port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.address = f"http://{HOST}:{self._runner.addresses[0][1]}"
        self._settling = asyncio.create_task(self._settle_for_ever())

    async def stop(self) -> None:
        """Let go of whoever is held, close the port. Raises what made the market stop, if anything did."""
        self.faults.lift()
        if self._runner:
            await self._runner.cleanup()
        if self._settling:
            self._settling.cancel()
            with suppress(asyncio.CancelledError):
                await self._settling

    async def __aenter__(self) -> "LoopbackExchange":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _settle_for_ever(self) -> None:
        while True:
            self.venue.settle()
            await asyncio.sleep(SETTLE_SECONDS)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode(errors="replace")
        if request.path.startswith(PREFIX):
            self.venue.settle()
            status, answer = self._control.answer(request.method, request.path, request.query, body)
            return web.json_response(answer, status=status)
        self.calls[f"{request.method} {request.path}"] += 1
        raw = "&".join(part for part in (request.rel_url.raw_query_string, body) if part)
        parameters = dict(parse_qsl(raw, keep_blank_values=True))
        call = Call(request.method, request.path, self._account_of_key(request), parameters.get("side", ""))
        refused = await self._fault_before(call)
        if refused is not None:
            return refused
        answered = self._act(request, raw, parameters)
        return await self._fault_after(request, call, answered)

    def _act(self, request: web.Request, raw: str, parameters: dict[str, str]) -> web.Response:
        endpoint = ENDPOINTS.get((request.method, request.path))
        if endpoint is None:
            return _refused(NOT_SPOKEN)
        self.venue.settle()
        try:
            owner = None
            if endpoint.signed:
                now = self.venue.shown_milliseconds()
                key = request.headers.get("X-MBX-APIKEY")
                owner = signer(self.venue.accounts.values(), key, raw, parameters, now)
            return web.json_response(endpoint.answer(self.venue, Asking(parameters, owner)))
        except Rejected as error:
            return _refused(error.refusal)

    async def _fault_before(self, call: Call) -> web.Response | None:
        if late := self.faults.meet(FaultKind.LATENCY, call):
            await asyncio.sleep(late.fault.seconds)
        if held := self.faults.meet(FaultKind.HANG_BEFORE, call):
            await held.hold()
        if broken := self.faults.meet(FaultKind.STATUS, call):
            fault = broken.fault
            return _refused(Refusal(fault.code, fault.message, fault.status), fault.retry_after)
        endpoint = ENDPOINTS.get((call.method, call.path))
        signed = endpoint is not None and endpoint.signed
        if signed and self.faults.meet(FaultKind.WRONG_KEY, call):
            return _refused(refusals.WRONG_KEY)
        orders = (call.method, call.path) == NEW_ORDER
        if orders and self.faults.meet(FaultKind.NO_BALANCE, call):
            return _refused(refusals.NO_FUNDS)
        return None

    async def _fault_after(self, request: web.Request, call: Call, answered: web.Response) -> web.Response:
        if held := self.faults.meet(FaultKind.HANG_AFTER, call):
            await held.hold()
        lost = self.faults.meet(FaultKind.LOST_ANSWER, call)
        if lost and request.transport is not None:
            request.transport.abort()
        return answered

    def _account_of_key(self, request: web.Request) -> str:
        key = request.headers.get("X-MBX-APIKEY")
        return next((account.name for account in self.venue.accounts.values() if account.key == key), "")


def _refused(refusal: Refusal, retry_after: int = 0) -> web.Response:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if not refusal.code:
        return web.Response(text=f"{refusal.status} {refusal.message}", status=refusal.status, headers=headers)
    return web.json_response({"code": refusal.code, "msg": refusal.message}, status=refusal.status, headers=headers)
