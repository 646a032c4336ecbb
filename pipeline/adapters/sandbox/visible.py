"""What a child may see of this machine: the interpreter with its packages, the libraries of the system, our own package, and its job's files."""

import os
import platform
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pipeline
from pipeline.adapters.clean_environment import clean_environment
from pipeline.domain.job import Job

STRATEGY = "/strategy"
DATA = "/data"
MARKETS = "/markets.json"

TMP_BYTES = 256 * 2**20
"""What can be written below /tmp, the only folder that can be written to; it is memory."""

_SYSTEM = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
_LOADER_CACHE = "/etc/ld.so.cache"


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or folder of this machine, and the place where it can be read inside."""

    source: str
    place: str


@cache
def engine(python: str = sys.executable) -> tuple[Mount, ...]:
    """What every child needs, whatever its job; a folder before what lies in it.

    `python` is the interpreter that starts it: this one, or that of a virtual environment that was made with it.
    """
    libraries = [*_SYSTEM, _LOADER_CACHE, *_interpreter()]
    if python != sys.executable:
        libraries += [*_hops(Path(python)), str(Path(python).parent.parent)]
    package = str(Path(pipeline.__file__).resolve().parent)
    existing = {path: os.path.realpath(path) for path in (*libraries, package) if os.path.exists(path)}  # noqa: PTH110
    return tuple(Mount(existing[path], path) for path in _without_nested(existing))


def of_job(job: Job) -> tuple[Mount, ...]:
    """A job's own files, at places that are the same on every machine."""
    return (
        Mount(os.path.realpath(job.strategy_dir), STRATEGY),
        *_folder(Path(job.data_dir).resolve(), DATA),
        Mount(os.path.realpath(job.markets), MARKETS),
    )


def moved(job: Job) -> Job:
    """The job with the paths that its files have inside."""
    return replace(job, strategy_dir=STRATEGY, data_dir=DATA, markets=MARKETS)


def environment() -> dict[str, str]:
    """The child's environment inside: the clean one, with the only folder that can be written to."""
    return clean_environment(Path("/tmp"))


def most_processes(parallel: int) -> int:
    """Processes and threads of one sandbox together, where so many tasks run at once: libraries start a thread or two a processor."""
    return 128 + parallel * (32 + 2 * (os.cpu_count() or 1))


def machine() -> str:
    """The kernel, for messages."""
    return f"Linux {platform.release()}"


def _interpreter() -> Iterable[str]:
    """The folders and files that `sys.executable` needs to start with its packages."""
    yield from _hops(Path(sys.executable))
    yield str(Path(sys.base_prefix) / "lib")
    if sys.prefix != sys.base_prefix:
        yield sys.prefix
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield sysconfig.get_path(name)


def _hops(path: Path) -> Iterable[str]:
    """A file and every link that leads to it: Python finds its home by the name under which it is called."""
    for _ in range(40):
        yield str(path)
        if not path.is_symlink():
            return
        path = Path(os.path.normpath(path.parent / path.readlink()))


def _without_nested(paths: Iterable[str]) -> list[str]:
    """Sorted, without what lies in another of them and is seen there as well."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(path.startswith(f"{other}/") for other in kept):
            kept.append(path)
    return kept


def _folder(folder: Path, place: str) -> tuple[Mount, ...]:
    """A folder as a whole; file by file where it holds symbolic links, which would lead nowhere inside."""
    entries = sorted(folder.iterdir())
    if not any(entry.is_symlink() for entry in entries):
        return (Mount(str(folder), place),)
    return tuple(Mount(os.path.realpath(entry), f"{place}/{entry.name}") for entry in entries if entry.is_file())
