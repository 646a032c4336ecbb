"""The folder that an environment's watch is started in: the environments' files as a verb read them last, so that it needs no checkout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.bot_home_files import PRIVATE, make_private
from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.adapters.files import write_whole
from pipeline.adapters.remembered_variables import WATCH, remember_variables
from pipeline.domain.canonical import digest, digest_bytes
from pipeline.domain.watch_process import WatchSpec
from pipeline.errors import ToolFailed
from pipeline.ports import Clock

ENVIRONMENTS = "environments"
LOCK = "watch.lock"
MEMORY = "watch.json"
LEASE = "lease"
PATIENCE_SECONDS = 3.0
WATCHED = (
    "is watched already",
    "one watch is enough, and it goes on; `freqtrain watch ENVIRONMENT --once` looks once beside it",
)


@dataclass(frozen=True, slots=True)
class Reads:
    """What a watch reads at its start: the environments' files by name, and the variables that fill them."""

    files: Mapping[str, bytes]
    variables: Mapping[str, str] = field(default_factory=dict)


def watch_lock(home: Path, environment: str, by: str, clock: Clock) -> EnvironmentLock:
    """Held by the environment's one watch for as long as it lives."""
    return EnvironmentLock(home / environment / LOCK, by, clock, PATIENCE_SECONDS, WATCHED)


class WatchHome:
    """See `ports.WatchHome`. It is `<device home>/<environment>/watch/`.

    Args:
        reads: what the watch is to read, asked for when it is written down.
        program: names the program that runs, so that another one's watch is started anew.
        keep_channels: writes down by which channels people are told, as far as the caller was given any; the watch reads them while it runs.
    """

    def __init__(
        self,
        home: Path,
        environment: str,
        reads: Callable[[], Reads],
        program: str,
        clock: Clock,
        interval_seconds: float = 10.0,
        keep_channels: Callable[[], None] = lambda: None,
    ) -> None:
        self._device = home.resolve()
        self._environment = environment
        self._reads = reads
        self._program = program
        self._interval_seconds = interval_seconds
        self._keep_channels = keep_channels
        self._lock = watch_lock(home, environment, "", clock)

    def prepare(self) -> WatchSpec:
        """See `ports.WatchHome`. What lies there as it should is not written again."""
        reads = self._reads()
        self._keep_channels()
        folder = self._device / self._environment / WATCH
        try:
            make_private(folder / ENVIRONMENTS)
            for stale in (folder / ENVIRONMENTS).iterdir():
                if stale.name not in reads.files:
                    stale.unlink()
            for name, content in reads.files.items():
                if not _holds(folder / ENVIRONMENTS / name, content):
                    write_whole(folder / ENVIRONMENTS / name, content, mode=PRIVATE)
            remember_variables(folder, reads.variables)
        except OSError as error:
            told = f"what the watch reads could not be written: {error.filename}: {error.strerror}"
            raise ToolFailed(told, hint="make room on the disk, or mend its rights") from error
        asked = {
            "files": {name: digest_bytes(content) for name, content in reads.files.items()},
            "variables": dict(reads.variables),
            "program": self._program,
        }
        return WatchSpec(
            self._environment,
            str(self._device),
            str(folder),
            digest(asked),
            tuple(sorted(reads.variables.items())),
            self._interval_seconds,
        )

    def watched_by(self) -> str:
        """See `ports.WatchHome`."""
        return self._lock.holder()

    def looked_at(self) -> tuple[datetime | None, datetime | None]:
        """See `ports.WatchHome`."""
        own = self._device / self._environment
        return _changed_at(own / MEMORY), _changed_at(own / LEASE)


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except FileNotFoundError:
        return False


def _changed_at(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None
