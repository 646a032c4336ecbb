"""A ledger's files as they lie there, and its head file written anew."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.adapters.bot_home_files import PRIVATE, make_private, sync
from pipeline.adapters.files import write_whole
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.canonical import canonical
from pipeline.domain.doctor.facts import LedgerFacts
from pipeline.domain.doctor.heads import HeadCondition, condition
from pipeline.domain.ledger import read_entry
from pipeline.errors import Refused, ToolFailed

_HINT = "compare ledger and head file with the latest backup, and put both back together"


def ledger_facts(path: Path, ledger: LedgerFile, *, expected: bool) -> LedgerFacts:
    """What is wrong with the files; `expected`: there are bots or databases, so that a ledger has to be there.

    Raises:
        ToolFailed: they cannot be read.
    """
    if not path.exists():
        breaks = tuple(str(one) for one in ledger.verify())
        gone = ("the ledger is missing, and homes or databases are there",) if expected and not breaks else ()
        return LedgerFacts(breaks + gone)
    try:
        breaks = tuple(str(one) for one in ledger.verify())
        with _locked(path, fcntl.LOCK_SH):
            content, found = path.read_bytes(), _condition(path)
    except OSError as error:
        raise ToolFailed(f"{path} cannot be read: {error.strerror}", hint="mend its rights") from error
    lines = content.rstrip(b"\n").rpartition(b"\n")[2]
    try:
        last_at = read_entry(lines).at
    except ValueError:
        last_at = None
    return LedgerFacts(breaks, found.problem, found.left, last_at)


def rebuild_head(path: Path, aside: Path) -> str:
    """Write the head file that belongs to the ledger's lines; the old one is copied to a file below `aside` before.

    Raises:
        Refused: the lines do not hold together, or the head file is sound.
        ToolFailed: the disk.
    """
    head_path = path.with_name(f"{path.name}.head")
    try:
        with _locked(path, fcntl.LOCK_EX):
            found = _condition(path)
            if found.rebuilt is None:
                raise Refused(f"{path}: its lines do not hold together, or entries are missing", hint=_HINT)
            if not found.problem:
                raise Refused(f"{head_path} is sound", hint="nothing was changed")
            told = f"{head_path.name} counts {found.rebuilt.length} entries, up to {found.rebuilt.hash}"
            if head_path.exists():
                make_private(aside)
                write_whole(aside / head_path.name, head_path.read_bytes(), mode=PRIVATE)
                told += f"; the old one is {aside / head_path.name}"
            mode = path.stat().st_mode & 0o777
            write_whole(head_path, canonical(found.rebuilt) + b"\n", mode=mode)
            sync(head_path.parent)
    except OSError as error:
        raise ToolFailed(f"{error.filename or head_path}: {error.strerror}", hint="make room on the disk") from error
    return told


def _condition(path: Path) -> HeadCondition:
    head_path = path.with_name(f"{path.name}.head")
    return condition(path.read_bytes(), head_path.read_bytes() if head_path.exists() else None)


@contextmanager
def _locked(path: Path, mode: int) -> Iterator[None]:
    """Keep whoever appends away, which takes some milliseconds; a ledger that stays locked was told by `LedgerFile` before."""
    file = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(file, mode)
        yield
    finally:
        os.close(file)
