"""A bot as the train sees it: what should be started, what runs, and what its own words prove."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class BotSpec:
    """What a runtime needs in order to run one bot.

    `name` is unique on the device: `<environment>-<strategy>-<slot>`, where the slot is `a` or `b` (a warm successor waits beside the bot that
    it replaces). `home` is the absolute path of the bot's own folder, which holds everything that its entry point reads and writes; `api_port`
    is a port on 127.0.0.1.
    """

    name: str
    environment: str
    strategy: str
    bundle: str
    """The digest of the bundle, `sha256:…`."""
    home: str
    api_port: int
    memory_mib: int = 1024
    stop_seconds: float = 60.0
    """How long the bot may take to finish its loop after it was asked to end; beyond the longest time-out of an order."""


class BotState(StrEnum):
    """What a runtime knows of a bot's process."""

    STARTING = "starting"
    """Its process is about to be there; also after a crash, until it is started again."""
    RUNNING = "running"
    STOPPING = "stopping"
    DOWN = "down"
    """It was stopped, or ended and is not started again: see `RunningBot.reason`."""


@dataclass(frozen=True, slots=True)
class RunningBot:
    """A bot that a runtime holds, running or down."""

    spec: BotSpec
    state: BotState
    since: datetime
    """Aware UTC: since when it has been in that state."""
    pid: int = 0
    restarts: int = 0
    """How often it was started again after a crash, since `start`."""
    reason: str = ""
    """Why it is down, or about to be started again, in a sentence; empty while it runs."""
    gave_up: bool = False
    """It is down because it crashed too often or ended in a way that a restart does not mend. Whoever converges leaves it to a person;
    `start` begins a new count."""
    memory_limit: str = ""
    """How its memory is limited: mechanism and bound, in words."""
