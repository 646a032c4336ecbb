"""Strategies as they lie on disk: the folders' names, and a folder's files as bytes."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline.domain.lint import MAX_FILE_BYTES, MAX_FILES
from pipeline.domain.strategy import ID_PATTERN
from pipeline.errors import ConfigError, Problem, Refused

BYTE_CODE = "__pycache__"
MOST_FILES = 4 * MAX_FILES
MOST_BYTES = 8 * MAX_FILE_BYTES
"""Beyond these a file is not even read; up to them the closed list says what is wrong."""

MOST_LEVELS = 16


def find(root: Path) -> tuple[str, ...]:
    """The ids below a folder of strategies, in order: the folders, but for hidden ones and byte code.

    A folder whose name cannot be an id is listed too, so that it is judged and not overlooked.

    Raises:
        Refused: there is no such folder.
    """
    try:
        with os.scandir(root) as entries:
            found = [e.name for e in entries if e.is_dir() and e.name != BYTE_CODE and not e.name.startswith(".")]
    except OSError as error:
        raise Refused(
            f"{root}: {error.strerror or 'cannot be read'}",
            hint="name the folder that holds strategies with --strategies",
        ) from error
    return tuple(sorted(found))


def is_id(name: str) -> bool:
    """Whether a folder's name can be a strategy's id."""
    return re.fullmatch(ID_PATTERN, name) is not None


def load_files(folder: Path) -> dict[str, bytes]:
    """Every file of a strategy's folder by its path relative to it (POSIX, sorted), byte code left out.

    Raises:
        ConfigError: all of what must not be followed or read: symbolic links, devices and pipes, files that are too large or too many or
            cannot be read, names that are no text.
        Refused: there is no such folder.
    """
    if folder.is_symlink():
        raise ConfigError((_problem(folder, "a strategy's folder must not be a symbolic link"),), hint=_HINT)
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder", hint="`freqtrain new ID` makes one")
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for count, path in enumerate(_paths(folder, problems), 1):
        if count > MOST_FILES:
            problems.append(_problem(folder, f"holds more than {MOST_FILES} files"))
            break
        content = _read(path, problems)
        if content is not None:
            files[path.relative_to(folder).as_posix()] = content
    if problems:
        raise ConfigError(tuple(problems), hint=_HINT)
    return dict(sorted(files.items()))


_HINT = "a strategy's folder holds plain files only: strategy.py, strategy.yml, test_strategy.py, strategy.json and one local package"


def _paths(folder: Path, problems: list[Problem], level: int = 0) -> Iterator[Path]:
    """The regular files below a folder, parents first; everything else but folders is a problem."""
    if level > MOST_LEVELS:
        problems.append(_problem(folder, "is nested too deep"))
        return
    try:
        with os.scandir(folder) as scanned:
            entries = sorted(scanned, key=lambda entry: entry.name)
    except OSError as error:
        problems.append(_problem(folder, error.strerror or "cannot be read"))
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name == BYTE_CODE and not entry.is_symlink():
            continue
        if not _is_text(entry.name):
            problems.append(_problem(folder, f"holds a file whose name is not printable text: {entry.name!r}"))
        elif entry.is_symlink():
            problems.append(_problem(path, "is a symbolic link: put the file itself here"))
        elif entry.is_dir(follow_symlinks=False):
            yield from _paths(path, problems, level + 1)
        elif entry.is_file(follow_symlinks=False):
            yield path
        else:
            problems.append(_problem(path, "is no plain file"))


def _read(path: Path, problems: list[Problem]) -> bytes | None:
    """A file's bytes. It is opened without following links and looked at after opening, so that it cannot be exchanged in between."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                problems.append(_problem(path, "is no plain file"))
                return None
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        problems.append(_problem(path, error.strerror or "cannot be read"))
        return None
    if len(content) > MOST_BYTES:
        problems.append(_problem(path, f"is larger than {MOST_BYTES // 1024} KiB"))
        return None
    return content


def _is_text(name: str) -> bool:
    return name.isprintable() and name.encode(errors="ignore").decode() == name


def _problem(path: Path, message: str) -> Problem:
    return Problem(str(path), 0, 0, message)
