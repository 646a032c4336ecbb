"""A ledger that is followed without a lock: it only grows, and what its head file counts is whole."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.adapters.ledger_text import entry_of
from pipeline.domain.ledger import GENESIS, Entry, Head
from pipeline.domain.ledger_end import read_head
from pipeline.errors import Refused, ToolFailed

PORTION = 1 << 17
"""Bytes that are read at a time: a year's ledger is never in memory as a whole."""

LARGEST_ENTRY = 8 << 20


class LedgerNews:
    """See `ports.LedgerNews`. Whoever appends writes the entry first and the head file after it, so that nothing here waits for a writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head_path = path.with_name(path.name + ".head")

    def version(self) -> object:
        """See `ports.LedgerNews`."""
        return tuple(map(_changed, (self._path, self._head_path)))

    def news(self, known: Head) -> Iterator[tuple[Head, Sequence[Entry]]]:
        """See `ports.LedgerNews`."""
        head = self._head()
        if head.size < known.size or (head.size == known.size and head != known):
            raise self._refused("is not the one that it was: its head file went back")
        try:
            yield from self._portions(known, head)
        except OSError as error:
            raise ToolFailed(f"{self._path} cannot be read: {error.strerror}", hint="mend its rights") from error

    def _portions(self, known: Head, head: Head) -> Iterator[tuple[Head, Sequence[Entry]]]:
        if head.size == known.size:
            return
        with self._path.open("rb") as file:
            file.seek(known.size)
            rest = b""
            while known.size + len(rest) < head.size:
                part = file.read(min(PORTION, head.size - known.size - len(rest)))
                if not part:
                    raise self._refused("was cut: its head file counts more than it holds")
                whole, _, rest = (rest + part).rpartition(b"\n")
                if len(rest) > LARGEST_ENTRY:
                    raise self._refused(f"line {known.length + 1} does not end")
                if whole:
                    known, entries = self._verified(known, whole.split(b"\n"))
                    yield known, entries
        if known != head:
            raise self._refused("does not end with the entry that its head file names")

    def _verified(self, known: Head, lines: Sequence[bytes]) -> tuple[Head, list[Entry]]:
        entries: list[Entry] = []
        number, previous = known.length, known.hash
        for text in lines:
            number += 1
            try:
                entry = entry_of(text)
            except ValueError as error:
                raise self._refused(f"line {number} {error}") from None
            if entry.seq != number or entry.previous != previous:
                raise self._refused(f"line {number} does not follow from the line before it")
            previous = entry.hash
            entries.append(entry)
        return Head(number, known.size + sum(map(len, lines)) + len(lines), previous), entries

    def _head(self) -> Head:
        try:
            content = self._head_path.read_bytes()
        except FileNotFoundError:
            if self._path.exists() and self._path.stat().st_size:
                raise self._refused("its head file is missing") from None
            return Head(0, 0, GENESIS)
        except OSError as error:
            raise ToolFailed(f"{self._head_path} cannot be read: {error.strerror}", hint="mend its rights") from error
        head = read_head(content)
        if head is not None:
            return head
        raise self._refused("its head file was edited or is damaged")

    def _refused(self, what: str) -> Refused:
        return Refused(
            f"the ledger {self._path.parent.name}/{self._path.name}: {what}",
            hint="`freqtrain log --verify` tells every break; compare it with a backup",
        )


def _changed(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_size, found.st_mtime_ns
