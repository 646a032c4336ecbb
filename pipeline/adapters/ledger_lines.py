"""A ledger's verified entries without holding them: where each begins is remembered, and what it says is read when somebody asks.

A watch runs for months, and a year of five bots are 45,000 entries, which would take 130 MiB.
"""

import hashlib
import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from pipeline.adapters.ledger_text import entry_of, link_of
from pipeline.domain.ledger import GENESIS, Entry, Head
from pipeline.errors import Refused

PORTION = 1 << 18
"""Bytes that are read at a time."""

AT_ONCE = 200
"""Entries that are read at a time by whoever goes back from the end."""


class VerifiedLines:
    """The lines of a ledger up to a head, verified once. Whoever asks again has them compared with the disk, and only what came since is verified."""

    def __init__(self) -> None:
        self._forget()

    def follow(self, path: Path, head: Head) -> Sequence[Entry] | None:
        """The entries of an intact ledger up to its head; None where anything does not hold, and then nothing is known of it any more."""
        try:
            with path.open("rb") as file:
                if (
                    head.size >= self._head.size
                    and self._is_unchanged(file.fileno())
                    and self._read(file.fileno(), head)
                ):
                    return _Entries(path, self._starts, range(len(self._starts)), head.size)
        except OSError:
            pass
        self._forget()
        return None

    def _forget(self) -> None:
        self._head, self._starts, self._digest = Head(0, 0, GENESIS), array("Q"), hashlib.sha256()

    def _is_unchanged(self, file: int) -> bool:
        digest = hashlib.sha256()
        for part in _portions(file, 0, self._head.size):
            digest.update(part)
        return digest.digest() == self._digest.digest()

    def _read(self, file: int, head: Head) -> bool:
        rest, number, size, previous = b"", self._head.length, self._head.size, self._head.hash
        for part in _portions(file, size, head.size):
            self._digest.update(part)
            whole, _, rest = (rest + part).rpartition(b"\n")
            for text in whole.split(b"\n") if whole else ():
                number += 1
                try:
                    seq, follows, own = link_of(text)
                except ValueError:
                    return False
                if seq != number or follows != previous:
                    return False
                self._starts.append(size)
                size, previous = size + len(text) + 1, own
        self._head = Head(number, size, previous)
        return self._head == head


class _Entries(Sequence[Entry]):
    """The entries of the file from one place to another, read when they are asked for; a part of them is no more than two other places.

    They were verified, so that one that cannot be read was changed since.
    """

    def __init__(self, path: Path, starts: "array[int]", places: range, size: int) -> None:
        self._path, self._starts, self._places, self._size = path, starts, places, size

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Entry]:
        yield from self._range(self._places.start, self._places.stop)

    def __reversed__(self) -> Iterator[Entry]:
        begin, end = self._places.start, self._places.stop
        for until in range(end, begin, -AT_ONCE):
            yield from reversed(tuple(self._range(max(begin, until - AT_ONCE), until)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(other) == len(self) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, place: int) -> Entry: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Entry]: ...

    def __getitem__(self, place: int | slice) -> Entry | Sequence[Entry]:
        found = self._places[place]
        if isinstance(found, int):
            return next(self._range(found, found + 1))
        if found.step == 1:
            return _Entries(self._path, self._starts, found, self._size)
        return tuple(self)[place]

    def _range(self, begin: int, end: int) -> Iterator[Entry]:
        if begin >= end:
            return
        until = self._starts[end] if end < len(self._starts) else self._size
        try:
            with self._path.open("rb") as file:
                rest = b""
                for part in _portions(file.fileno(), self._starts[begin], until):
                    whole, _, rest = (rest + part).rpartition(b"\n")
                    yield from map(entry_of, whole.split(b"\n") if whole else ())
        except (OSError, ValueError) as error:
            raise Refused(
                f"{self._path} was changed while it was read",
                hint="`freqtrain log --verify` tells every break; compare it with a backup",
            ) from error


def _portions(file: int, begin: int, end: int) -> Iterator[bytes]:
    while begin < end:
        part = os.pread(file, min(PORTION, end - begin), begin)
        if not part:
            raise OSError("the file is shorter than it was")
        begin += len(part)
        yield part
