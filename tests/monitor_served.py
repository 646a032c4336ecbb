"""A monitor in a thread of this process, and asking it over HTTP as a browser or a program does."""

import asyncio
import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.adapters.monitor_server import MonitorServer
from pipeline.domain.monitor.curve import Span

PATIENCE_SECONDS = 60.0


@dataclass
class FakePages:
    """Says what it was asked for; a page whose span is in `broken` cannot be made."""

    policy: str = "default-src 'none'; style-src 'sha256-x'"
    broken: dict[Span, Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    proofs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    begun: threading.Event = field(default_factory=threading.Event)
    may_begin: threading.Event | None = None
    """What its first look waits for; None: nothing."""
    unreadable: Exception | None = None
    """What its first look ends with; None: it is well."""

    def begin(self) -> None:
        if self.may_begin is not None:
            self.may_begin.wait(PATIENCE_SECONDS)
        if self.unreadable is not None:
            raise self.unreadable
        self.begun.set()

    def page(self, span: Span) -> str:
        self.asked.append(f"page {span}")
        if span in self.broken:
            raise self.broken[span]
        return f"<p>{span}</p>"

    def document(self, span: Span) -> str:
        self.asked.append(f"document {span}")
        return f'{{"outcome": "DONE", "span": "{span}"}}'

    def evidence(self, bundle: str, evidence: str) -> bytes | None:
        return self.proofs.get((bundle, evidence))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


@contextmanager
def served(server: MonitorServer) -> Iterator[str]:
    """It listens at the yielded address until the block ends."""
    ready, address = threading.Event(), list[str]()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    def listening(where: str) -> None:
        address.append(where)
        ready.set()

    def live() -> None:
        try:
            loop.run_until_complete(server.run(listening, ended.wait))
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    try:
        assert address, "it does not listen"
        yield address[0]
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE_SECONDS)


def ask(address: str, path: str = "/", method: str = "GET", **headers: str) -> Answer:
    """One request; `headers` with `_` for `-`."""
    host, port = address.removeprefix("http://").rstrip("/").rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        found = connection.getresponse()
        return Answer(found.status, dict(found.getheaders()), found.read().decode())
    finally:
        connection.close()
