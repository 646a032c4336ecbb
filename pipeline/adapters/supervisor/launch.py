"""What to start for a bot or a watch, as a file: written by who starts it, read by the launcher and by supervisord's watch over memory."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.domain.bot import BotSpec
from pipeline.domain.watch_process import WatchSpec

Spec = BotSpec | WatchSpec

MECHANISM = "RLIMIT_DATA for each process, and the resident memory of all of them watched every 5 s"


@dataclass(frozen=True, slots=True)
class Launch:
    """A bot's or a watch's specification, and the command and environment that it comes to."""

    spec: Spec
    argv: tuple[str, ...]
    environment: dict[str, str]

    @property
    def memory_limit(self) -> str:
        return f"{self.spec.memory_mib} MiB: {MECHANISM}"


def written(launch: Launch) -> str:
    """As it stands in the file."""
    return json.dumps(asdict(launch), indent=1, sort_keys=True) + "\n"


def read(path: Path) -> Launch:
    """What the file says.

    Raises:
        OSError: it cannot be read.
        ValueError: nobody wrote it like that.
    """
    try:
        value = json.loads(path.read_bytes())
        return Launch(_spec(value["spec"]), tuple(value["argv"]), dict(value["environment"]))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} does not say what to start") from error


def _spec(value: dict[str, Any]) -> Spec:
    """Only a watch has a device."""
    if "device" not in value:
        return BotSpec(**value)
    variables = tuple((str(name), str(text)) for name, text in value["variables"])
    return WatchSpec(**{**value, "variables": variables})
