"""What the shards of a gate left, as `<folder>/<shard>/<strategy>/evidence.json`: data of strangers, bounded in number and size."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.evidence_file import FILE, read_evidence
from pipeline.domain.joining import Delivered
from pipeline.domain.shards import MOST_SHARDS
from pipeline.domain.strategy import ID_PATTERN
from pipeline.errors import Refused

LARGEST_BYTES = 8 * 2**20
"""A document of evidence is some 50 KiB."""

MOST_BYTES = 512 * 2**20
MOST_ENTRIES = 10_000


def read_shards(folder: Path) -> tuple[Delivered, ...]:
    """Every verdict that lies there, believed only as far as its shape and its digest; one that cannot be read comes with the reason.

    Nothing that is a link is followed. A folder that is not there holds nothing: where nothing was planned, nothing is downloaded.

    Raises:
        Refused: there is more than any gate leaves.
    """
    delivered: list[Delivered] = []
    room = MOST_BYTES
    for count, place in enumerate(_places(folder)):
        if count >= MOST_ENTRIES or room <= 0:
            raise Refused(f"{folder} holds more than any gate leaves", hint="look at what the shards have uploaded")
        one, size = _read(folder, place, min(room, LARGEST_BYTES))
        delivered.append(one)
        room -= size
    return tuple(delivered)


def _places(folder: Path) -> Iterator[Path]:
    """The folders of strategies, two levels down; and whatever lies on the first level and is no folder, which nobody expects."""
    if not folder.is_dir():
        return
    for count, part in enumerate(_entries(folder)):
        if count >= MOST_SHARDS:
            raise Refused(
                f"{folder} holds more than {MOST_SHARDS} shards", hint="look at what the shards have uploaded"
            )
        if part.is_dir(follow_symlinks=False):
            yield from (Path(one.path) for one in _entries(Path(part.path)) if _may_be_a_verdict(one))
        else:
            yield Path(part.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """In the order of their names, and a few more than may be there at the most."""
    with os.scandir(folder) as found:
        return sorted((entry for entry, _ in zip(found, range(MOST_ENTRIES + 1), strict=False)), key=lambda e: e.name)


def _may_be_a_verdict(entry: os.DirEntry[str]) -> bool:
    """A shard also leaves its report and its summary beside the strategies' folders."""
    return entry.is_dir(follow_symlinks=False) or entry.is_symlink()


def _read(folder: Path, place: Path, most: int) -> tuple[Delivered, int]:
    where, strategy = (place / FILE).relative_to(folder).as_posix(), place.name
    if place.parent == folder or place.is_symlink() or not re.fullmatch(ID_PATTERN, strategy):
        return Delivered(place.relative_to(folder).as_posix(), "", problem="is no folder of a strategy"), 0
    try:
        content = read_bounded(place / FILE, most)
    except OSError as error:
        return Delivered(where, strategy, problem=f"cannot be read: {error.strerror}"), 0
    except ValueError as error:
        return Delivered(where, strategy, problem=str(error)), 0
    try:
        return Delivered(where, strategy, read_evidence(content)), len(content)
    except ValueError as error:
        return Delivered(where, strategy, problem=str(error)), len(content)
