"""The watch's memory as one small JSON file an environment, written whole."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole
from pipeline.domain.train.watching import Kept
from pipeline.errors import ToolFailed
from pipeline.ports import Narrator

MOST_BYTES = 8 << 20
_SHAPE = TypeAdapter(dict[str, Kept])


class WatchMemoryFile:
    """`<device home>/<environment>/watch.json`. What is damaged counts for nothing, as if it had never been there, and that is told."""

    def __init__(self, path: Path, narrator: Narrator) -> None:
        self._path = path
        self._narrator = narrator

    def load(self) -> Mapping[str, Kept]:
        """See `ports.WatchMemory`."""
        try:
            kept = _read(read_bounded(self._path, MOST_BYTES))
        except FileNotFoundError:
            return {}
        except ValidationError as error:
            return self._lost(str(error.errors(include_url=False, include_input=False)[0]["msg"]))
        except (OSError, ValueError) as error:
            return self._lost(str(error))
        if any(at.utcoffset() != timedelta(0) for one in kept.values() for at in _moments(one)):
            return self._lost("a time in it is not in UTC")
        return kept

    def save(self, kept: Mapping[str, Kept]) -> None:
        """See `ports.WatchMemory`."""
        try:
            write_whole(self._path, _SHAPE.dump_json(dict(kept), indent=1), mode=0o600)
        except OSError as error:
            raise ToolFailed(f"what the watch remembers cannot be written: {self._path}: {error.strerror}") from error

    def _lost(self, why: str) -> Mapping[str, Kept]:
        self._narrator.say(
            f"what the watch remembered is lost: {self._path} {why}; the ledger and the bots tell the rest"
        )
        return {}


def _read(content: bytes) -> dict[str, Kept]:
    """What is remembered. What brakes once read only tells of the past: where it is of another form, the rest counts all the same."""
    try:
        return _SHAPE.validate_json(content)
    except ValidationError:
        return _SHAPE.validate_json(_without_readings(content))


def _without_readings(content: bytes) -> bytes:
    try:
        found = json.loads(content)
        for one in found.values():
            one.pop("readings", None)
            for due in (one.get("bot") or {}).get("due", ()):
                due.pop("reading", None)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return content
    return json.dumps(found).encode()


def _moments(kept: Kept) -> Iterator[datetime]:
    """Every time that is kept."""
    if kept.tried_at is not None:
        yield kept.tried_at
    if (bot := kept.bot) is None:
        return
    yield from (bot.since, bot.asked_from, *(point.at for point in bot.points))
    if bot.looped_at is not None:
        yield bot.looped_at
    if bot.lost_before is not None:
        yield bot.lost_before.at
    if bot.soaking.last is not None:
        yield bot.soaking.last.at
