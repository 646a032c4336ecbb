"""What became of a bot: kept inside supervisord, and in a file for when supervisord is gone. The standard library only."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.domain.bot import BotState

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """A bot's state and history since it was started; see `RunningBot`. `code` is how its process ended last, -1 for a signal."""

    state: BotState = BotState.DOWN
    since: datetime = NEVER
    pid: int = 0
    restarts: int = 0
    reason: str = ""
    gave_up: bool = False
    code: int = 0
    crashes: tuple[datetime, ...] = ()


def plain(record: Record) -> dict[str, object]:
    """As XML-RPC and JSON hold it."""
    return {
        **asdict(record),
        "state": str(record.state),
        "since": record.since.isoformat(),
        "crashes": [crash.isoformat() for crash in record.crashes],
    }


def from_plain(value: object) -> Record:
    """The record that `plain` made this of.

    Raises:
        ValueError: it is none.
    """
    try:
        assert isinstance(value, dict)
        return Record(
            BotState(value["state"]),
            datetime.fromisoformat(value["since"]),
            int(value["pid"]),
            int(value["restarts"]),
            str(value["reason"]),
            bool(value["gave_up"]),
            int(value["code"]),
            tuple(datetime.fromisoformat(crash) for crash in value["crashes"]),
        )
    except (AssertionError, TypeError, KeyError) as error:
        raise ValueError("is no record of a bot") from error


def written(record: Record) -> str:
    """As it stands in the file."""
    return json.dumps(plain(record), indent=1, sort_keys=True) + "\n"


def read(path: Path) -> Record:
    """What the file says; an empty record where there is none, or where a full disk left none that can be read."""
    try:
        return from_plain(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return Record()
