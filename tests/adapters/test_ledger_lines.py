"""A ledger's entries are read when they are asked for: they are those that were verified, or it is said that they were changed."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters import ledger_lines
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.ledger_lines import VerifiedLines
from pipeline.domain.ledger import Entry, Head, after, follow, line
from pipeline.errors import Refused
from tests.fakes import FakeClock, FakeNarrator

CLOCK = FakeClock()


def written(path: Path, count: int, text: str = "") -> tuple[Head, tuple[Entry, ...]]:
    head, entries = Head(), list[Entry]()
    for number in range(count):
        entries.append(follow(head, CLOCK.now(), "judged", {"number": number, "text": text}))
        head = after(head, entries[-1])
    path.write_bytes(b"".join(map(line, entries)))
    return head, tuple(entries)


@given(st.integers(0, 30), st.integers(-35, 35), st.integers(-35, 35), st.integers(50, 600))
def test_any_part_of_them_is_that_part_whatever_portions_are_read(
    tmp_path_factory: pytest.TempPathFactory, count: int, begin: int, end: int, portion: int
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    head, whole = written(path, count)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger_lines, "PORTION", portion)
        patch.setattr(ledger_lines, "AT_ONCE", 4)
        found = VerifiedLines().follow(path, head)
        assert found is not None
        assert (len(found), found) == (count, whole)
        assert found[begin:end] == whole[begin:end]
        assert found[begin:end:2] == whole[begin:end:2]
        assert found[::-1] == whole[::-1]
        assert tuple(reversed(found)) == whole[::-1]
        for place in range(-count, count):
            assert found[place] == whole[place]
        with pytest.raises(IndexError):
            found[count]


@given(*(st.integers(-12, 12) for _ in range(4)))
def test_a_part_of_a_part_is_that_part(
    tmp_path_factory: pytest.TempPathFactory, begin: int, end: int, inner_begin: int, inner_end: int
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    head, whole = written(path, 10)
    found = VerifiedLines().follow(path, head)
    assert found is not None
    part, expected = found[begin:end][inner_begin:inner_end], whole[begin:end][inner_begin:inner_end]
    assert (len(part), part, tuple(reversed(part))) == (len(expected), expected, expected[::-1])
    assert [part[place] for place in range(-len(part), len(part))] == [*expected, *expected]


def test_a_part_of_a_long_ledger_takes_no_memory(tmp_path: Path) -> None:
    head, whole = written(tmp_path / "ledger.jsonl", 4000, "x" * 500)
    found = VerifiedLines().follow(tmp_path / "ledger.jsonl", head)
    assert found is not None
    tracemalloc.start()
    try:
        assert next(reversed(found[: len(whole) - 1])) == whole[-2]
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_an_entry_that_is_longer_than_a_portion_is_read_whole(tmp_path: Path) -> None:
    head, whole = written(tmp_path / "ledger.jsonl", 3, "x" * 2 * ledger_lines.PORTION)
    found = VerifiedLines().follow(tmp_path / "ledger.jsonl", head)
    assert found == whole


def test_what_was_read_stays_as_long_as_it_was_when_the_ledger_grows(tmp_path: Path) -> None:
    ledger = LedgerFile(tmp_path / "ledger.jsonl", CLOCK, FakeNarrator())
    for number in range(3):
        ledger.append("judged", {"number": number})
    before = ledger.entries()
    ledger.append("judged", {"number": 3})
    assert (len(before), len(ledger.entries())) == (3, 4)
    assert [entry.body["number"] for entry in before] == [0, 1, 2]
    assert before[-1].body == {"number": 2}


def test_what_was_changed_after_it_was_verified_is_never_told_as_an_entry(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    head, whole = written(path, 3)
    lines = VerifiedLines()
    found = lines.follow(path, head)
    assert found is not None
    content = path.read_bytes()
    path.write_bytes(content[:100])
    with pytest.raises(Refused, match="was changed while it was read"):
        tuple(found)
    path.write_bytes(content.replace(b'"number":1', b'"number":7'))
    assert found[0] == whole[0]
    with pytest.raises(Refused, match="was changed while it was read"):
        found[1]
    assert lines.follow(path, head) is None
    path.write_bytes(content)
    assert lines.follow(path, head) == whole


@pytest.mark.parametrize(
    "wrong", [Head(3, 10_000, "sha256:" + "0" * 64), Head(2, 0), Head(7, 100, "sha256:" + "1" * 64)]
)
def test_a_head_that_does_not_fit_is_nobodys(wrong: Head, tmp_path: Path) -> None:
    written(tmp_path / "ledger.jsonl", 3)
    assert VerifiedLines().follow(tmp_path / "ledger.jsonl", wrong) is None
