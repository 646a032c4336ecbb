"""The homes of an environment's bots as they lie there; what is secret in them is not read."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.bot_home_secrets import BOTS
from pipeline.adapters.bounded import read_bounded
from pipeline.domain.bot_settings import SETTINGS_FILE, read_settings
from pipeline.domain.canonical import digest_bytes
from pipeline.domain.doctor.facts import STRATEGY, HomeFacts
from pipeline.domain.strategy import ID_PATTERN
from pipeline.domain.train.steps import SLOTS
from pipeline.errors import ToolFailed

MOST_BYTES = 1 << 20
LARGEST_FILE = 64 << 20


def home_facts(home: Path, environment: str) -> tuple[HomeFacts, ...]:
    """The homes of `<device home>/<environment>/bots`, by name; folders with names that the train does not give are none.

    Raises:
        ToolFailed: they cannot be read.
    """
    bots = home / environment / BOTS
    named = re.compile(rf"{re.escape(environment)}-({ID_PATTERN})-[{''.join(SLOTS)}]")
    try:
        folders = sorted(bots.iterdir()) if bots.is_dir() else []
    except OSError as error:
        raise ToolFailed(f"{bots} cannot be read: {error.strerror}", hint="mend its rights") from error
    return tuple(_home(one, found[1]) for one in folders if one.is_dir() and (found := named.fullmatch(one.name)))


def _home(folder: Path, strategy: str) -> HomeFacts:
    found = HomeFacts(folder.name, strategy, path=str(folder))
    try:
        settings = read_settings(json.loads(read_bounded(folder / SETTINGS_FILE, MOST_BYTES)))
    except FileNotFoundError:
        return replace(found, problem=f"{SETTINGS_FILE} is missing")
    except (OSError, ValueError, RecursionError):
        return replace(found, problem=f"{SETTINGS_FILE} is not what the train writes")
    return replace(found, settings=settings, files=dict(_files(folder)))


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Digests by path; what cannot be read, or is no plain file, has none that fits. Byte code that Python leaves is passed over.

    It is the folder that the train writes, whatever `bot.json` says by now: an edited one could name the whole disk.
    """
    root = folder / STRATEGY
    for within, folders, names in os.walk(root):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        for name in sorted(names):
            path = Path(within) / name
            try:
                yield path.relative_to(root).as_posix(), digest_bytes(read_bounded(path, LARGEST_FILE))
            except (OSError, ValueError) as error:
                yield path.relative_to(root).as_posix(), f"unreadable: {error}"
