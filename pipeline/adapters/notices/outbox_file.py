"""What waits to be told as one small JSON file an environment, written whole, and a folder into which other programs put what they have to say."""

import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole
from pipeline.domain.notices import Notice, Outbox

FILE, INBOX, LOCK = "notices.json", "notices", "notices.lock"
MOST_BYTES, MOST_BYTES_OF_ONE = 8 << 20, 64 << 10
MOST_AT_ONCE = 100
_SHAPE = TypeAdapter(Outbox)


class OutboxFile:
    """`<device home>/<environment>/notices.json`, and `notices/` beside it."""

    def __init__(self, environment: Path) -> None:
        self._path = environment / FILE
        self._inbox = environment / INBOX

    def load(self) -> Outbox:
        """What was kept; nothing where nothing was.

        Raises:
            ValueError: what was kept is damaged.
            OSError: it cannot be read.
        """
        try:
            found = _SHAPE.validate_json(read_bounded(self._path, MOST_BYTES))
        except FileNotFoundError:
            return Outbox()
        except ValidationError as error:
            raise ValueError(str(error.errors(include_url=False, include_input=False)[0]["msg"])) from None
        if any(at.utcoffset() is None for at in _moments(found)):
            raise ValueError("a time in it has no zone")
        return found

    def save(self, outbox: Outbox) -> None:
        """Keep it, whole or not at all; raises OSError."""
        write_whole(self._path, _SHAPE.dump_json(outbox, indent=1), mode=0o600)

    def put(self, notice: Notice) -> None:
        """Leave something for whoever tells; raises OSError."""
        self._inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        words = {"at": notice.at.isoformat(), "title": notice.title, "text": notice.text, "urgent": notice.urgent}
        name = f"{notice.at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.json"
        write_whole(self._inbox / name, json.dumps(words) + "\n", mode=0o600)

    def left(self) -> tuple[tuple[Path, Notice | None], ...]:
        """What others left, in order; None for what is no notice."""
        try:
            found = sorted(self._inbox.glob("[!.]*.json"))
        except OSError:
            return ()
        return tuple((path, _notice(path)) for path in found[:MOST_AT_ONCE])

    def taken(self, path: Path) -> None:
        """What was left is kept elsewhere by now."""
        with suppress(OSError):
            path.unlink()


def _notice(path: Path) -> Notice | None:
    try:
        found = json.loads(read_bounded(path, MOST_BYTES_OF_ONE))
        at = datetime.fromisoformat(found["at"])
        notice = Notice(at, str(found["title"]), str(found["text"]), found["urgent"] is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return notice if at.utcoffset() is not None else None


def _moments(outbox: Outbox) -> Iterator[datetime]:
    yield from (notice.at for notice in outbox.waiting)
    yield from (one.at for one in outbox.recent)
    for picture in (notice.picture for notice in outbox.waiting if notice.picture is not None):
        yield from (picture.since, picture.until, *(mark.at for mark in picture.marks))
    for reach in (*outbox.reaches, *outbox.others):
        yield from reach.sent
        yield from (at for at in (reach.delivered_at, reach.failing_since, reach.next_at) if at is not None)
