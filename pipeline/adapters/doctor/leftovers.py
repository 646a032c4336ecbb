"""What writers that were killed left on a device's disk, by the names under which they write aside."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.bot_databases import COPIES_FOLDER, DATABASES
from pipeline.adapters.bot_home_files import OLD, make_private, sync
from pipeline.adapters.bot_home_secrets import BOTS, SECRET_FILE
from pipeline.domain.doctor.facts import Leftover
from pipeline.errors import ToolFailed

_ASIDE = re.compile(r"\.[A-Za-z0-9_.-]+\.[a-z0-9_]{8}")
"""How `files.write_whole` calls what it writes aside."""

_SECRET = re.compile(r"\.secrets?\.json\.[a-z0-9_]{8}")
_NEW = ".new"


def leftovers(home: Path, environment: str) -> tuple[Leftover, ...]:
    """What is left in an environment and in the device's store, of this user's, the oldest first; whoever asks judges what is old.

    Raises:
        ToolFailed: a folder cannot be read.
    """
    found: dict[Path, os.stat_result] = {}
    try:
        for path in _left(home, home / environment):
            with suppress(FileNotFoundError):  # Whoever was writing it has just ended.
                found[path] = path.lstat()
    except OSError as error:
        raise ToolFailed(f"{error.filename} cannot be read: {error.strerror}", hint="mend its rights") from error
    mine = [(one.st_mtime, path) for path, one in found.items() if one.st_uid == os.geteuid()]
    return tuple(Leftover(str(path), datetime.fromtimestamp(at, UTC)) for at, path in sorted(mine))


def clear(home: Path, paths: Sequence[str], aside: Path) -> str:
    """Move them below `aside`; what may hold secrets goes. Raises ToolFailed for the disk."""
    moved = removed = 0
    try:
        for path in map(Path, paths):
            if _SECRET.fullmatch(path.name):
                path.unlink(missing_ok=True)
                removed += 1
            elif path.parent.name == BOTS:
                (path / SECRET_FILE).unlink(missing_ok=True)
                shutil.rmtree(path)
                removed += 1
            else:
                target = aside / path.relative_to(home)
                make_private(target.parent)
                path.rename(target)
                moved += 1
            sync(path.parent)
    except OSError as error:
        raise ToolFailed(f"{error.filename}: {error.strerror}", hint="mend its rights, or make room") from error
    told = [f"{moved} set aside in {aside}"] if moved else []
    told += [f"{removed} that may hold secrets removed"] if removed else []
    return ", ".join(told) or "nothing was left"


def _left(home: Path, own: Path) -> Iterator[Path]:
    for folder in (own, own / DATABASES, *sorted((own / BOTS).glob("[!.]*")), own / "watch", own / "compose"):
        yield from (path for path in _children(folder) if path.is_file() and _ASIDE.fullmatch(path.name))
    yield from (path for path in _children(own) if path.name.startswith(".export-"))
    for folder in (own / DATABASES, own / DATABASES / COPIES_FOLDER):
        yield from (path for path in _children(folder) if path.name.startswith(".") and path.name.endswith(".part"))
    hidden = [path for path in _children(own / BOTS) if path.name.startswith(".")]
    yield from (path for path in hidden if path.name.endswith(_NEW) or (path.name.endswith(OLD) and _stands(path)))
    store = home / "store" / "sha256"
    yield from (path for path in _children(store) if path.name.startswith(".") and path.name.endswith(".part"))
    yield from sorted(store.glob("[0-9a-f]*/.manifest-*"))


def _stands(old: Path) -> bool:
    """Whether the home that was moved away has a successor; otherwise it is all that there is of its secrets."""
    return old.with_name(old.name.removeprefix(".").removesuffix(OLD)).is_dir()


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except FileNotFoundError:
        return []  # It was taken away meanwhile.
