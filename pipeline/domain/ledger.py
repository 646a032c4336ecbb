"""The ledger's entries and their chain: each carries the hash of the one before it, so that no change stays unseen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.domain.canonical import Plain, canonical, digest_bytes, plain, written

GENESIS = "sha256:" + "0" * 64
"""What the first entry names as the one before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `seq` counts from 1; `at` is aware UTC, to the millisecond; `hash` covers all the rest."""

    seq: int
    at: datetime
    kind: str
    body: dict[str, Plain]
    previous: str
    hash: str


_KEYS = {"seq", "at", "kind", "body", "previous", "hash"}


@dataclass(frozen=True, slots=True)
class Head:
    """How far a ledger goes: its number of entries, their size in bytes, and the hash of the last one."""

    length: int = 0
    size: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold (`line` from 1; 0 is the ledger as a whole) and how, in a sentence."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


def follow(head: Head, at: datetime, kind: str, body: Mapping[str, object]) -> Entry:
    """The entry that comes after `head`. The body is taken apart into what JSON holds.

    Raises:
        ValueError: the kind is empty, the time has no zone, or a text cannot be written as UTF-8.
        TypeError: the body holds something that has no canonical form.
    """
    if not kind or at.tzinfo is None:
        raise ValueError("an entry needs a kind and a time with its zone")
    moment = at.astimezone(UTC)
    moment -= timedelta(microseconds=moment.microsecond % 1000)
    content = plain(body)
    assert isinstance(content, dict)
    return Entry(
        head.length + 1, moment, kind, content, head.hash, _hash(head.length + 1, moment, kind, content, head.hash)
    )


def line(entry: Entry) -> bytes:
    """The entry as it stands in the ledger: canonical JSON and a line feed."""
    return canonical(entry) + b"\n"


def after(head: Head, entry: Entry) -> Head:
    """The head of a ledger to which the entry was added."""
    return Head(entry.seq, head.size + len(line(entry)), entry.hash)


def read_entry(text: bytes) -> Entry:
    """The entry on a line (without its line feed).

    Raises:
        ValueError: it is none, or is not written exactly as `line` writes it; the message says which.
    """
    try:
        value = json.loads(text)
        entry = Entry(
            value["seq"],
            datetime.fromisoformat(value["at"]),
            value["kind"],
            value["body"],
            value["previous"],
            value["hash"],
        )
        same = value.keys() == _KEYS and value["at"] == plain(entry.at) and written(value) == text
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError("is not an entry") from None
    if not same:
        raise ValueError("is not written as the ledger writes entries")
    return entry


def intact(entry: Entry) -> bool:
    """Whether the entry has the hash that it carries."""
    return entry.hash == _hash(entry.seq, entry.at, entry.kind, entry.body, entry.previous)


def verify(lines: Sequence[bytes], head: Head) -> tuple[Break, ...]:
    """Every place where the chain does not hold; `lines` are without their line feeds. After a break, reading goes on."""
    return tuple(_breaks(lines, head))


def follow_on(lines: Sequence[bytes], head: Head, known: Sequence[Entry] = ()) -> tuple[Entry, ...] | None:
    """The entries on the lines of an intact ledger up to its head; None where anything does not hold, which `verify` tells.

    Args:
        lines: those that come after what is known.
        known: the entries before them, which were read from the very same lines and verified.
    """
    found: list[Entry] = []
    expected, previous = (known[-1].seq + 1, known[-1].hash) if known else (1, GENESIS)
    for text in lines:
        try:
            entry = read_entry(text)
        except ValueError:
            return None
        if not intact(entry) or (entry.seq, entry.previous) != (expected, previous):
            return None
        found.append(entry)
        expected, previous = expected + 1, entry.hash
    return tuple(found) if (expected - 1, previous) == (head.length, head.hash) else None


def _breaks(lines: Sequence[bytes], head: Head) -> Iterator[Break]:
    seen: dict[bytes, int] = {}
    expected, previous = 1, GENESIS
    for number, text in enumerate(lines, start=1):
        earlier = seen.setdefault(text, number)
        if earlier != number:
            yield Break(number, f"repeats line {earlier}")
            continue
        try:
            entry = read_entry(text)
        except ValueError as error:
            yield Break(number, str(error))
            expected, previous = expected + 1, ""
            continue
        if not intact(entry):
            yield Break(number, f"was edited: the {entry.kind} entry does not have the hash that it carries")
        elif entry.seq != expected:
            yield Break(
                number, f"holds entry {entry.seq} where entry {expected} belongs: entries are missing or out of order"
            )
        elif previous and entry.previous != previous:
            yield Break(number, f"does not follow from the line before it: entry {entry.seq - 1} was replaced")
        expected, previous = entry.seq + 1, entry.hash
    yield from _tail(len(lines), previous, head)


def _tail(length: int, last: str, head: Head) -> Iterator[Break]:
    if length < head.length:
        yield Break(0, f"the ledger was cut: it holds {length} entries, and its head file counts {head.length}")
    elif length > head.length:
        yield Break(
            0,
            f"the ledger holds {length} entries, and its head file counts {head.length}: one of them was changed",
        )
    elif last and head.length and last != head.hash:
        yield Break(0, "the last entry is not the one that the head file names: one of them was replaced")


def _hash(seq: int, at: datetime, kind: str, body: Plain, previous: str) -> str:
    """What `digest` gives; the body is plain already, and taking it apart once more is most of what reading a long ledger would cost."""
    covered: Plain = {"seq": seq, "at": plain(at), "kind": kind, "body": body, "previous": previous}
    return digest_bytes(written(covered))
