"""The last looks that were kept, and what lies beside them: all that `status` asks of an environment's observations."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from pipeline.adapters.observations.file import ASIDE, is_damage, open_to_read
from pipeline.adapters.observations.schema import moment
from pipeline.domain.train.unobserved import Kept, LastLook
from pipeline.errors import FreqtrainError

_BESIDE = ("-wal", "-shm")
_LAST = (
    "SELECT at, states.name FROM samples JOIN states ON states.id = state JOIN series ON series.id = samples.series "
    "WHERE strategy = ? AND bundle = ? ORDER BY at DESC LIMIT 1"
)
_TOLD = (
    "SELECT max((SELECT max(at) FROM samples WHERE series = id AND balance IS NOT NULL)) FROM series "
    "WHERE strategy = ? AND bundle = ?"
)


def last_looks(path: Path, bundles: Mapping[str, str]) -> Kept:
    """What is kept in an environment's `observations.sqlite`, of these bundles by strategy. Nothing is written; what cannot be read is told in it."""
    aside = tuple(
        sorted(one.name for one in path.parent.glob(f"{path.name}{ASIDE}*") if not one.name.endswith(_BESIDE))
    )
    try:
        with closing(open_to_read(path, untouched=True)) as database:
            looks = ((strategy, _look(database, strategy, bundle)) for strategy, bundle in bundles.items())
            return Kept({strategy: look for strategy, look in looks if look is not None}, aside)
    except FreqtrainError as error:
        return Kept({}, aside, error.message)
    except sqlite3.Error as error:
        told = "are damaged" if is_damage(error) else "cannot be read"
        return Kept({}, aside, f"the observations {told}: {error}")


def _look(database: sqlite3.Connection, strategy: str, bundle: str) -> LastLook | None:
    last = database.execute(_LAST, (strategy, bundle)).fetchone()
    if last is None:
        return None
    (told,) = database.execute(_TOLD, (strategy, bundle)).fetchone()
    return LastLook(moment(int(last[0])), str(last[1]), None if told is None else moment(int(told)))
