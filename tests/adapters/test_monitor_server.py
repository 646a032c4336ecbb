"""The monitor answers who may ask, only what is asked for, and changes nothing."""

import asyncio
import gzip
import http.client
import threading
from pathlib import Path

import pytest

from pipeline.adapters import monitor_server
from pipeline.adapters.monitor_server import Address, MonitorServer
from pipeline.adapters.monitor_token import Token
from pipeline.domain.monitor.curve import Span
from pipeline.errors import Refused, ToolFailed
from tests.fakes import FakeNarrator
from tests.monitor_served import Answer, FakePages, ask, served

pytestmark = pytest.mark.sockets

WORD = "0123456789abcdef01234567"
LOOPBACK = Address("127.0.0.1", 0)
DIGITS = "a" * 64


def server(pages: FakePages | None = None, token: str = "", narrator: FakeNarrator | None = None) -> MonitorServer:
    return MonitorServer(
        pages or FakePages(),
        LOOPBACK,
        narrator or FakeNarrator(),
        Token(token) if token else None,
        {"/metrics": ("text/plain; version=0.0.4", lambda: "freqtrain_up 1\n")},
    )


def test_the_page_its_numbers_and_further_texts_are_answered() -> None:
    with served(server()) as address:
        page, numbers, text = ask(address), ask(address, "/api/overview.json?span=all"), ask(address, "/metrics")
    assert (page.status, page.body, page.headers["Content-Type"]) == (200, "<p>month</p>", "text/html; charset=utf-8")
    assert (numbers.status, numbers.body) == (200, '{"outcome": "DONE", "span": "all"}')
    assert (text.body, text.headers["Content-Type"]) == ("freqtrain_up 1\n", "text/plain; version=0.0.4")


def test_every_answer_carries_what_keeps_a_browser_from_doing_more() -> None:
    with served(server()) as address:
        answers = [ask(address), ask(address, "/nowhere"), ask(address, "/", "POST"), ask(address, "/?span=never")]
    assert [answer.status for answer in answers] == [200, 404, 405, 400]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "freqtrain"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "style-src 'sha256-x'" in answers[0].headers["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_but_get_and_head_is_answered(method: str) -> None:
    pages = FakePages()
    with served(server(pages)) as address:
        assert ask(address, "/", method).status == 405
        assert ask(address, "/", "HEAD").body == ""
    assert pages.asked == ["page month"]


def test_without_the_token_nothing_is_shown_not_even_what_there_is() -> None:
    pages = FakePages()
    with served(server(pages, WORD)) as address:
        refused = [ask(address, path) for path in ("/", "/api/overview.json", "/metrics", "/nowhere")]
        refused += [ask(address, f"/?token={WORD}"), ask(address, Authorization="Bearer wrong")]
        given = ask(address, Authorization=f"Bearer {WORD}")
    assert {answer.status for answer in refused} == {401}
    assert all('Basic realm="freqtrain monitor"' in answer.headers["WWW-Authenticate"] for answer in refused)
    assert (given.status, pages.asked) == (200, ["page month"])


def test_a_page_of_another_name_that_was_led_here_is_refused_unless_it_knows_the_token() -> None:
    with served(server()) as address:
        assert ask(address, Host="evil.example:80").status == 403
        assert ask(address, Host="localhost:1").status == 200
    with served(server(token=WORD)) as address:
        assert ask(address, Host="monitor.example", Authorization=f"Bearer {WORD}").status == 200


def test_evidence_is_told_as_json_and_nothing_else_of_the_store() -> None:
    pages = FakePages(proofs={(DIGITS, DIGITS): b'{"<script>": 1}'})
    with served(server(pages)) as address:
        found = ask(address, f"/evidence/{DIGITS}/{DIGITS}.json")
        assert (found.status, found.body) == (200, '{"<script>": 1}')
        assert found.headers["Content-Type"] == "application/json; charset=utf-8"
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        for path in (
            f"/evidence/{'b' * 64}/{DIGITS}.json",
            "/evidence/../ledger.jsonl",
            f"/evidence/{DIGITS}/%2e%2e%2fx.json",
            "/evidence/",
        ):
            assert ask(address, path).status == 404


def test_a_page_that_cannot_be_made_is_told_once_and_ends_nothing() -> None:
    heard = FakeNarrator()
    broken = {
        Span.DAY: ToolFailed("the disk is gone"),
        Span.WEEK: ZeroDivisionError("oh"),
        Span.YEAR: Refused("secret path"),
    }
    with served(server(FakePages(broken=broken), narrator=heard)) as address:
        answers = [
            ask(address, "/?span=day"),
            ask(address, "/?span=day"),
            ask(address, "/?span=week"),
            ask(address, "/?span=year"),
        ]
        assert ask(address).status == 200
    assert {answer.status for answer in answers} == {500}
    assert not any("disk" in answer.body or "secret" in answer.body for answer in answers)
    assert heard.lines[1:] == [
        f"a page could not be made: {told}" for told in ("the disk is gone", "ZeroDivisionError: oh", "secret path")
    ]


def test_many_who_look_at_once_cost_less_than_a_page_each() -> None:
    pages = FakePages()
    with served(server(pages)) as address:
        for _ in range(20):
            assert ask(address).status == 200
    assert len(pages.asked) < 20


def test_the_device_was_looked_at_before_it_is_said_where_the_pages_are() -> None:
    pages, heard = FakePages(), FakeNarrator()
    with served(server(pages, narrator=heard)) as address:
        assert pages.begun.is_set()
    assert pages.asked == []
    assert heard.lines == [f"reading and checking the ledgers, to be shown at {address}"]


def test_who_asks_while_ledgers_are_still_read_is_told_to_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor_server, "LONGEST_WAIT_SECONDS", 0.2)
    may_begin, heard, told = threading.Event(), FakeNarrator(), list[str]()
    reading = server(FakePages(may_begin=may_begin), narrator=heard)

    async def asked_before_and_after() -> tuple[Answer, list[str], Answer]:
        ended, ready = asyncio.Event(), asyncio.Event()

        def listening(where: str) -> None:
            told.append(where)
            ready.set()

        running = asyncio.ensure_future(reading.run(listening, ended.wait))
        while not heard.lines and not running.done():
            await asyncio.sleep(0.01)
        address = heard.lines[0].rpartition(" ")[2]
        early, before = await asyncio.to_thread(ask, address), list(told)
        monkeypatch.setattr(monitor_server, "LONGEST_WAIT_SECONDS", 60.0)
        may_begin.set()
        await asyncio.wait_for(ready.wait(), 60)
        late = await asyncio.to_thread(ask, address)
        ended.set()
        await running
        return early, before, late

    try:
        early, before, late = asyncio.run(asked_before_and_after())
    finally:
        may_begin.set()
    assert (early.status, early.headers["Refresh"], before) == (503, "10", [])
    assert "still being read" in early.body
    assert late.status == 200
    assert heard.lines == [f"reading and checking the ledgers, to be shown at {told[0]}"]


def test_it_can_be_ended_while_ledgers_are_still_read() -> None:
    pages, told = FakePages(may_begin=threading.Event()), list[str]()
    assert pages.may_begin is not None

    async def at_once() -> None:
        pass

    try:
        asyncio.run(server(pages).run(told.append, at_once))
        assert not pages.begun.is_set()
        assert told == []
    finally:
        pages.may_begin.set()


def test_a_first_look_that_fails_keeps_nobody_from_being_answered() -> None:
    pages = FakePages(unreadable=ToolFailed("the disk is gone"))
    with served(server(pages)) as address:
        assert ask(address).status == 200


def test_a_long_page_is_sent_compressed_to_who_can_read_that() -> None:
    with served(server()) as address:
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        connection.request("GET", "/", headers={"Accept-Encoding": "gzip"})
        found = connection.getresponse()
        assert found.getheader("Content-Encoding") == "gzip"
        assert gzip.decompress(found.read()) == b"<p>month</p>"
        connection.close()


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path) -> None:
    with served(server()) as address:
        taken = Address("127.0.0.1", int(address.rstrip("/").rsplit(":", 1)[1]))
        with pytest.raises(ToolFailed, match="cannot be listened on") as failed:
            MonitorServer(FakePages(), taken, FakeNarrator()).serve(lambda _: None)
    assert "--port" in failed.value.hint


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("192.168.1.4", False),
     ("example.org", False)],
)  # fmt: skip
def test_only_addresses_of_the_loopback_are_reached_by_nobody_else(host: str, alone: bool) -> None:
    assert Address(host, 80).is_loopback is alone
