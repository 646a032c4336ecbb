"""The variables that filled an environment's file at the last deployment: an emergency is given none, and has to read the same file."""

import json
from collections.abc import Mapping
from pathlib import Path

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole

WATCH = "watch"
"""The folder beside an environment's ledger in which they lie: the watch's, which reads the same file."""

FILE = "variables.json"
_MOST_BYTES = 1 << 20


def remember_variables(folder: Path, variables: Mapping[str, str]) -> None:
    """Write them down in the folder; what lies there as it should is not written again."""
    if remembered_variables(folder) != variables:
        write_whole(folder / FILE, json.dumps(dict(variables), indent=2, sort_keys=True) + "\n", mode=0o600)


def remembered_variables(folder: Path) -> Mapping[str, str]:
    """What was written down there; nothing where there is nothing, or nothing that can be read."""
    try:
        found = json.loads(read_bounded(folder / FILE, _MOST_BYTES))
    except (OSError, ValueError):
        return {}
    sound = isinstance(found, dict) and all(isinstance(text, str) for text in found.values())
    return found if sound else {}
