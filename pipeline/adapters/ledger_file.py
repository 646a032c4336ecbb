"""The ledger as a file of JSON lines that only grows, beside a head file that says how far it goes."""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.adapters.files import write_whole
from pipeline.adapters.ledger_lines import VerifiedLines
from pipeline.domain.canonical import canonical
from pipeline.domain.ledger import Break, Entry, Head, after, follow, line, read_entry, verify
from pipeline.domain.ledger_end import ends_with, head_of, left_by_crash, lines_of, read_head
from pipeline.errors import Locked, Refused, ToolFailed
from pipeline.ports import Clock, Narrator

LOCK_SECONDS = 10.0


class LedgerFile:
    """One ledger.

    Order of writing: the entry, flushed to the disk; then the head file, written aside and put in place. A crash leaves at most one entry
    that the head does not count (it is taken up) or a torn last line (it is set aside); whoever appends next says so and goes on.
    Everything else that does not fit was not done by a crash, and stops appending.
    """

    def __init__(self, path: Path, clock: Clock, narrator: Narrator) -> None:
        self._path = path
        self._head_path = path.with_name(path.name + ".head")
        self._clock = clock
        self._narrator = narrator
        self._verified = VerifiedLines()

    def append(self, kind: str, body: Mapping[str, object]) -> Entry:
        """Add one entry; when this returns, it is on the disk.

        Raises:
            Locked: somebody else is writing and does not end.
            Refused: the end of the ledger is not what the head file says.
            ToolFailed: the disk is full or failing; the entry was not added.
        """
        with self._locked(fcntl.LOCK_EX, create=True) as file:
            head = self._recover(file)
            entry = follow(head, self._clock.now(), kind, body)
            try:
                os.lseek(file, 0, os.SEEK_END)
                _write(file, line(entry))
                os.fsync(file)
                self._put_head(after(head, entry))
            except BaseException as error:
                self._take_back(file, head)
                if isinstance(error, OSError):
                    told = f"{self._path}: the entry could not be added: {error.strerror}"
                    raise ToolFailed(told, hint="make room on the disk") from error
                raise
            return entry

    def entries(self) -> Sequence[Entry]:
        """All entries, the oldest first, each read from the file when it is asked for.

        What was verified before is compared with the disk, and only what came since is verified.

        Raises:
            Refused: the ledger is not intact; the message lists every break.
        """
        found = self._intact()
        if found is not None:
            return found
        lines, end, breaks = self._read()
        breaks += verify(lines, end)
        if breaks:
            told = "\n".join(f"  {found}" for found in breaks)
            raise Refused(
                f"{self._path} is not intact:\n{told}",
                hint="compare it with a backup; nothing is decided on it until then",
            )
        return tuple(read_entry(text) for text in lines)

    def verify(self) -> tuple[Break, ...]:
        """Every place where the ledger is not intact; what a crash left behind is no break."""
        if self._intact() is not None:
            return ()
        lines, head, breaks = self._read()
        return breaks + verify(lines, head)

    def _intact(self) -> Sequence[Entry] | None:
        """The entries of a ledger that holds in all its lines; None where it wants a closer look."""
        head = self._counted()
        if head is None:
            return None
        found = self._verified.follow(self._path, head)
        if found is None:
            found = self._verified.follow(self._path, head)  # Another ledger in its place is read from its beginning.
        return found

    def _counted(self) -> Head | None:
        """The head where it counts all that there is; None where the files want a closer look."""
        if not self._path.exists():
            return None
        with self._locked(fcntl.LOCK_SH, create=False) as file:
            try:
                head = self._head()
            except Refused:
                return None
            return head if os.fstat(file).st_size == head.size else None

    def _read(self) -> tuple[list[bytes], Head, tuple[Break, ...]]:
        """The complete lines, the head that counts them, and what is wrong with the files themselves. Writes nothing."""
        if not self._path.exists():
            gone = (Break(0, "the ledger is missing, but its head file is there"),)
            return [], Head(), gone if self._head_path.exists() else ()
        with self._locked(fcntl.LOCK_SH, create=False) as file:
            content = _read_from(file, 0)
            try:
                head = self._head() if content or self._head_path.exists() else Head()
            except Refused as error:
                return lines_of(content), head_of(lines_of(content)), (Break(0, error.message),)
        if not ends_with(content[: head.size], head):
            return lines_of(content), head, ()
        new, torn = left_by_crash(content[head.size :], head)
        return lines_of(content[: len(content) - len(torn)]), new or head, ()

    def _take_back(self, file: int, head: Head) -> None:
        """Undo a half append, unless the head file already counts the entry."""
        with suppress(OSError, Refused):
            if self._head() == head:
                os.ftruncate(file, head.size)
                os.fsync(file)

    def _recover(self, file: int) -> Head:
        """The head to append after, once what a crash left behind is cleared up.

        Raises:
            Refused: the end of the file is not explained by a crash.
        """
        size = os.fstat(file).st_size
        if not self._head_path.exists() and size == 0:
            self._put_head(Head())
        head = self._head()
        if size < head.size:
            raise self._refused(f"was cut: it has {size} bytes, and its head file counts {head.size}")
        self._check_last(file, head)
        if size == head.size:
            return head
        tail = _read_from(file, head.size)
        new, torn = left_by_crash(tail, head)
        if torn:
            aside = self._set_aside(torn)
            os.ftruncate(file, size - len(torn))
            os.fsync(file)
            self._narrator.say(f"{self._path}: the last line was torn by a crash; it was set aside as {aside.name}")
        if new:
            self._put_head(new)
            self._narrator.say(
                f"{self._path}: entry {new.length} was written before a crash, and its head file was not; it counts"
            )
        elif not torn:
            raise self._refused(
                f"has {len(tail)} bytes more than its head file counts, and no crash leaves such an end"
            )
        return new or head

    def _check_last(self, file: int, head: Head) -> None:
        """Refuse where the last counted entry is not the one that the head names; only the end of the file is read."""
        start, chunk = head.size, b""
        while start > 0 and b"\n" not in chunk[:-1]:
            start = max(0, start - 65536)
            chunk = _read_from(file, start)[: head.size - start]
        if not ends_with(chunk, head):
            raise self._refused(
                f"line {head.length} is not the entry that the head file names: one of them was changed"
            )

    def _head(self) -> Head:
        try:
            content = self._head_path.read_bytes()
        except FileNotFoundError as error:
            raise self._refused("the head file is missing") from error
        head = read_head(content)
        if head is not None:
            return head
        raise self._refused("the head file was edited or is damaged")

    def _put_head(self, head: Head) -> None:
        write_whole(self._head_path, canonical(head) + b"\n")
        _sync_folder(self._head_path.parent)

    def _set_aside(self, torn: bytes) -> Path:
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.torn-{number}")).exists():
            number += 1
        write_whole(aside, torn)
        _sync_folder(aside.parent)
        return aside

    def _refused(self, what: str) -> Refused:
        return Refused(
            f"{self._path}: {what}",
            hint="compare the ledger and its head file with a backup before anything is decided",
        )

    @contextmanager
    def _locked(self, mode: int, *, create: bool) -> Iterator[int]:
        if create:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT if create else os.O_RDONLY, 0o644)
        try:
            waited = 0.0
            while not _try_lock(file, mode):
                if waited >= LOCK_SECONDS:
                    raise Locked(
                        f"{self._path} has been locked by another process for {LOCK_SECONDS:.0f} s", hint="try again"
                    )
                self._clock.sleep(0.05)
                waited += 0.05
            yield file
        finally:
            os.close(file)


def _try_lock(file: int, mode: int) -> bool:
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_from(file: int, start: int) -> bytes:
    os.lseek(file, start, os.SEEK_SET)
    parts = []
    while part := os.read(file, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _write(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
