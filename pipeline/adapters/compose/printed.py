"""What containers printed: the present one's by the engine, and that of those before it, kept as files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.adapters.compose.docker import Docker
from pipeline.adapters.compose.layout import ContainerFiles
from pipeline.adapters.files import write_whole

KEPT_LINES = 5000
KEPT_CONTAINERS = 3


def by(docker: Docker, container: str, lines: int) -> str:
    """The last lines of a container that is there, all its runs in one; "" where there is none.

    Raises:
        Refused, ToolFailed: the engine cannot be asked.
    """
    done = docker.tried("logs", "--tail", str(lines), container)
    return done.out if done.code == 0 else ""


def all_runs(docker: Docker, container: str, files: ContainerFiles, lines: int) -> str:
    """The last lines of all containers of a name, the present one's at the end; raises as `by`."""
    known = docker.inspect([container]).get(container)
    now = _file(known) if known else ""
    before = "".join(path.read_text(errors="replace") for path in _kept(files) if path.name != now)
    text = before + (by(docker, container, lines) if known else "")
    return "".join(text.splitlines(keepends=True)[-lines:])


def keep(docker: Docker, container: str, files: ContainerFiles) -> None:
    """Keep what a container printed, because the next start may put another in its place; doing it twice changes nothing."""
    known = docker.inspect([container]).get(container)
    if known is None or not (text := by(docker, container, KEPT_LINES)):
        return
    write_whole(files.earlier / _file(known), text, mode=0o600)
    for old in _kept(files)[:-KEPT_CONTAINERS]:
        old.unlink(missing_ok=True)


def _file(known: Mapping[str, Any]) -> str:
    """In the order in which they were made."""
    return f"{str(known['Created'])[:19].replace(':', '')}-{str(known['Id'])[:12]}.log"


def _kept(files: ContainerFiles) -> list[Path]:
    return sorted(files.earlier.glob("*.log"))
