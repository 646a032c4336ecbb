"""What to start in a container, as a file: written by who starts it, read by whoever looks."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.domain.bot import BotSpec
from pipeline.errors import ToolFailed


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of the device that a container sees under the same path."""

    path: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Launch:
    """A specification, and what it comes to.

    `argv` is the command inside the container, `image` is named by its digest, `user` is UID:GID. With `host_network` the container shares the
    device's network: a rehearsal's bot, whose exchange is on the device's loopback.
    """

    spec: BotSpec
    argv: tuple[str, ...]
    image: str
    user: str
    mounts: tuple[Mount, ...]
    host_network: bool = False


def written(launch: Launch) -> str:
    """As it stands in the file."""
    return json.dumps(asdict(launch), indent=1, sort_keys=True) + "\n"


def read(path: Path) -> Launch:
    """What the file says.

    Raises:
        FileNotFoundError: there is none.
        ToolFailed: nobody wrote it like that.
    """
    try:
        value = json.loads(path.read_bytes())
        return Launch(
            BotSpec(**value["spec"]),
            tuple(value["argv"]),
            str(value["image"]),
            str(value["user"]),
            tuple(Mount(**mount) for mount in value["mounts"]),
            bool(value["host_network"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        name = path.parent.name
        raise ToolFailed(f"{path} does not say what to start", hint=f"stop {name}, and start it again") from error
