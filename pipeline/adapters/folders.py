"""Folders and files that appear whole or not at all."""

import contextlib
import errno
import glob
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STALE_SECONDS = 6 * 3600


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder beside the target to fill; at the end it takes the target's name, and after any error or interrupt it is gone.

    Raises:
        FileExistsError: meanwhile the target exists and is not empty.
        OSError: the disk.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    _sweep(made, target.name)
    try:
        yield made
        made.chmod(0o777 & ~_umask())
        for path in (*made.iterdir(), made):
            _sync(path)
        try:
            made.rename(target)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise FileExistsError(errno.EEXIST, "exists and is not empty", str(target)) from error
            raise
        _sync(target.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def set_aside(folder: Path) -> None:
    """Remove a folder so that nobody sees half of it: it leaves its name first."""
    away = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".old", dir=folder.parent))
    _sweep(away, folder.name)
    try:
        folder.rename(away / folder.name)
    except FileNotFoundError:
        pass
    finally:
        shutil.rmtree(away, ignore_errors=True)


@contextmanager
def replaced_file(target: Path) -> Iterator[Path]:
    """A name beside the target for a file to be written; at the end it takes the target's name, and after any error it is gone."""
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _sweep(fresh: Path, name: str) -> None:
    """Remove what processes that were killed have left beside a fresh folder; younger ones may still be at work."""
    for suffix in ("part", "old"):
        for other in fresh.parent.glob(f".{glob.escape(name)}.*.{suffix}"):
            with contextlib.suppress(FileNotFoundError):
                if fresh.stat().st_mtime - other.stat().st_mtime > _STALE_SECONDS:
                    shutil.rmtree(other, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    """As Linux tells it. Elsewhere it can be read only by setting it, by which other threads may make a file meanwhile."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
