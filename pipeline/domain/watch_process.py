"""The watch of an environment as a process that a runtime keeps: what should be started, and what runs."""

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bot import BotState


@dataclass(frozen=True, slots=True)
class WatchSpec:
    """What a runtime needs in order to run one environment's watch.

    `device` is the device's home and `home` the folder that the watch is started in, with the environments' files as a verb read them last, both
    absolute. `variables` fill those files; none is a secret. `configuration` names all that the watch reads at its start: a watch whose
    specification differs is to be started anew. `interval_seconds` lie between two rounds.
    """

    environment: str
    device: str
    home: str
    configuration: str
    variables: tuple[tuple[str, str], ...] = ()
    interval_seconds: float = 10.0
    memory_mib: int = 768
    stop_seconds: float = 30.0

    @property
    def name(self) -> str:
        """Unique among all that the device runs: no bot has a dot in its name."""
        return watch_name(self.environment)


@dataclass(frozen=True, slots=True)
class RunningWatch:
    """A watch that a runtime holds, running or down; its fields are those of `RunningBot`."""

    spec: WatchSpec
    state: BotState
    since: datetime
    pid: int = 0
    restarts: int = 0
    reason: str = ""
    gave_up: bool = False
    memory_limit: str = ""


def watch_name(environment: str) -> str:
    """What an environment's watch is called on the device."""
    return f"watch.{environment}"
