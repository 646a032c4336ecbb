"""A head file that alone is at fault is told from a ledger that is not intact."""

import pytest

from pipeline.domain.canonical import canonical
from pipeline.domain.doctor.heads import condition
from pipeline.domain.ledger import Entry, Head, after, follow, line
from tests.fakes import FakeClock


def ledger(count: int) -> tuple[list[bytes], list[Head]]:
    """The lines of an intact ledger, and its head after each."""
    lines, heads = [], [Head()]
    for number in range(count):
        entry: Entry = follow(heads[-1], FakeClock().now(), "judged", {"number": number})
        lines.append(line(entry))
        heads.append(after(heads[-1], entry))
    return lines, heads


def written(head: Head) -> bytes:
    return canonical(head) + b"\n"


LINES, HEADS = ledger(4)
CONTENT = b"".join(LINES)


def test_an_intact_ledger_has_nothing_wrong_with_its_head() -> None:
    found = condition(CONTENT, written(HEADS[4]))
    assert (found.problem, found.rebuilt, found.left) == ("", HEADS[4], "")


def test_what_a_crash_leaves_is_told_and_no_fault_of_the_head() -> None:
    found = condition(CONTENT, written(HEADS[3]))
    assert (found.problem, found.left) == ("", "one entry that the ledger's head file does not count yet")
    found = condition(CONTENT + b'{"at"', written(HEADS[4]))
    assert (found.problem, found.left) == ("", "a torn last line of 5 bytes in the ledger")


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (None, "the head file is missing"),
        (b"", "the head file was edited or is damaged"),
        (b'{"length":4}\n', "the head file was edited or is damaged"),
        (b"[1]\n", "the head file was edited or is damaged"),
        (written(HEADS[4]).replace(b":4,", b":4.0,"), "the head file was edited or is damaged"),
        (written(HEADS[4]).replace(b"}", b".0}"), "the head file was edited or is damaged"),
        (written(HEADS[2]), "the head file counts 2 entries, and there are 4"),
        (written(HEADS[0]), "the head file counts 0 entries, and there are 4"),
    ],
)
def test_a_head_that_alone_is_at_fault_can_be_made_anew_from_the_lines(head: bytes | None, told: str) -> None:
    found = condition(CONTENT, head)
    assert (found.problem, found.rebuilt) == (told, HEADS[4])


@pytest.mark.parametrize(
    ("content", "head"),
    [
        (b"".join(LINES[:3]), written(HEADS[4])),
        (b"".join([*LINES[:2], LINES[3]]), None),
        (b"".join([LINES[0], LINES[1].replace(b'"number":1', b'"number":7'), *LINES[2:]]), None),
        (b"".join(LINES[1:]), None),
        (CONTENT, written(Head(4, HEADS[4].size, HEADS[3].hash))),
        (CONTENT, written(Head(4, HEADS[3].size, HEADS[4].hash))),
        (b"", None),
        (b"no ledger\n", None),
        (b'{"at"', None),
    ],
)
def test_no_head_is_offered_where_entries_are_gone_or_were_changed(content: bytes, head: bytes | None) -> None:
    assert condition(content, head).rebuilt is None
