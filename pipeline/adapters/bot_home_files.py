"""A bot's home on the disk: written aside and put in place as a whole, so that nobody ever finds half of one."""

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

PRIVATE_FOLDER = 0o700
PRIVATE = 0o600
READ_ONLY = 0o400

OLD = ".old"
"""Ends the name, which begins with a dot, of a home that was moved away where the disk cannot exchange two folders."""

_NEW = ".new"
_EXCHANGE = 2
_AT_FDCWD = -100
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def make_private(folder: Path) -> None:
    """Make a folder, and those above it, for its owner alone, so that they outlast a power cut. One that is there stays as it is."""
    if folder.is_dir():
        return
    make_private(folder.parent)
    folder.mkdir(PRIVATE_FOLDER, exist_ok=True)
    sync(folder.parent)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait for everybody else who is at work in the folder, and keep them waiting; whoever dies lets go."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def put_home(home: Path, files: Mapping[str, tuple[bytes, int]]) -> None:
    """Put a home with exactly these files (POSIX path -> content and mode) in the place of what was there; call it `alone` in the folder above.

    A caller that is killed leaves the old home or the new one, and perhaps another aside, which the next call removes.

    Raises:
        OSError: the disk; the old home stays as it was.
    """
    new, old = home.with_name(f".{home.name}{_NEW}"), home.with_name(f".{home.name}{OLD}")
    shutil.rmtree(new, ignore_errors=True)
    try:
        _write(new, files)
        if home.is_dir():
            _take_place(new, home, old)
        else:
            new.rename(home)
        sync(home.parent)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def remove_homes(homes: Iterable[Path], first: str) -> bool:
    """Remove homes and what a killed caller left of them beside; in each, the file `first` before all else. Whether there were any.

    Call it `alone` in the folder above. A caller that is killed leaves what the next call removes.

    Raises:
        OSError: the disk.
    """
    there = [
        folder
        for home in homes
        for folder in (home, home.with_name(f".{home.name}{_NEW}"), home.with_name(f".{home.name}{OLD}"))
        if folder.is_dir() and not folder.is_symlink()
    ]
    for folder in there:
        (folder / first).unlink(missing_ok=True)
        sync(folder)
    for folder in there:
        shutil.rmtree(folder)
        sync(folder.parent)
    return bool(there)


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet, with its mode from the first byte on, and to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def sync(path: Path) -> None:
    """Have a folder's names, or a file's content, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(folder: Path, files: Mapping[str, tuple[bytes, int]]) -> None:
    within = {parent for path in files for parent in PurePosixPath(path).parents}
    folders = [folder / part for part in sorted(within, key=lambda part: len(part.parts))]
    for one in folders:
        one.mkdir(PRIVATE_FOLDER)
    for path, (content, mode) in files.items():
        write_new(folder / path, content, mode)
    for one in folders:
        sync(one)


def exchange(one: Path, other: Path) -> None:
    """Let two folders of one disk have each other's name, at once; where the system or the disk cannot, one after the other.

    Raises:
        OSError: the disk; both are as they were.
    """
    try:
        _exchange(one, other)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        aside = other.with_name(f".{other.name}{OLD}")
        other.rename(aside)
        try:
            one.rename(other)
        except OSError:
            with suppress(OSError):
                aside.rename(other)
            raise
        aside.rename(one)


def _take_place(new: Path, home: Path, old: Path) -> None:
    """Exchange both names at once; where the system or the disk cannot, there is no home for a moment, but one aside."""
    try:
        _exchange(new, home)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        shutil.rmtree(old, ignore_errors=True)
        home.rename(old)
        try:
            new.rename(home)
        except OSError:
            with suppress(OSError):
                old.rename(home)
            raise


def _exchange(one: Path, other: Path) -> None:
    """Linux's renameat2 with RENAME_EXCHANGE, which Python does not offer.

    Raises:
        OSError: ENOSYS where there is no such call.
    """
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(other))
