"""A ledger is followed without a lock, in portions, and every change to what was written shows."""

from pathlib import Path

import pytest

from pipeline.adapters import ledger_news
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.ledger_news import LedgerNews
from pipeline.domain.ledger import Entry, Head
from pipeline.errors import Refused
from tests.fakes import FakeClock, FakeNarrator


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def ledger(path: Path) -> LedgerFile:
    return LedgerFile(path, FakeClock(), FakeNarrator())


def read(path: Path, known: Head | None = None) -> tuple[Head, list[Entry]]:
    head, found = known or Head(), list[Entry]()
    for reached, entries in LedgerNews(path).news(head):
        head = reached
        found += entries
    return head, found


def test_where_there_is_no_ledger_there_is_no_news(path: Path) -> None:
    assert read(path) == (Head(), [])
    assert not path.exists()


def test_news_are_the_entries_since_what_is_known(path: Path, ledger: LedgerFile) -> None:
    ledger.append("one", {"n": 1})
    ledger.append("two", {"n": 2})
    head, entries = read(path)
    assert entries == list(ledger.entries())
    ledger.append("three", {"n": 3})
    assert [entry.kind for entry in read(path, head)[1]] == ["three"]
    assert read(path, read(path)[0])[1] == []


def test_a_long_ledger_comes_in_portions_and_is_whole(
    path: Path, ledger: LedgerFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_news, "PORTION", 300)
    for number in range(30):
        ledger.append("one", {"n": number, "text": "ü" * number})
    portions = list(LedgerNews(path).news(Head()))
    assert len(portions) > 5
    assert [entry for _, entries in portions for entry in entries] == list(ledger.entries())


def test_an_entry_that_is_being_written_is_not_read_yet(path: Path, ledger: LedgerFile) -> None:
    ledger.append("one", {})
    with path.open("ab") as file:
        file.write(b'{"at":"2026')
    assert [entry.kind for entry in read(path)[1]] == ["one"]


def test_a_reader_needs_no_lock_that_a_writer_holds(path: Path, ledger: LedgerFile) -> None:
    ledger.append("one", {})
    with ledger._locked(2, create=False):
        assert [entry.kind for entry in read(path)[1]] == ["one"]


def test_a_line_that_was_edited_one_that_is_missing_and_a_cut_end_are_refused(path: Path, ledger: LedgerFile) -> None:
    for number in range(3):
        ledger.append("one", {"n": number})
    whole, lines = path.read_bytes(), path.read_bytes().splitlines(keepends=True)
    for content, told in (
        (whole.replace(b'"n":1', b'"n":7'), "line 2 was edited"),
        (lines[0] + lines[2], "line 2 does not follow"),
        (whole[:-5], "was cut"),
        (b"\xff" * len(whole), "line 1|was cut|does not end"),
    ):
        path.write_bytes(content)
        with pytest.raises(Refused, match=told):
            read(path)


def test_a_ledger_that_was_replaced_does_not_go_on_where_it_was_left(path: Path, ledger: LedgerFile) -> None:
    ledger.append("one", {})
    ledger.append("two", {})
    head, _ = read(path)
    path.unlink()
    path.with_name("ledger.jsonl.head").unlink()
    with pytest.raises(Refused, match="went back"):
        read(path, head)
    for _ in range(3):
        ledger.append("another", {"more": "words"})
    with pytest.raises(Refused):
        read(path, head)


def test_a_head_file_that_is_missing_or_damaged_is_refused(path: Path, ledger: LedgerFile) -> None:
    ledger.append("one", {})
    head = path.with_name("ledger.jsonl.head")
    head.write_bytes(b"{}")
    with pytest.raises(Refused, match="edited or is damaged"):
        read(path)
    head.unlink()
    with pytest.raises(Refused, match="missing"):
        read(path)
