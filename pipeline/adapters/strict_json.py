"""JSON of others, read as JSON is written down: no key twice, and no NaN or Infinity, of which every reader makes something else."""

import json
from typing import Any

from pipeline.domain.canonical import Plain


def loads(text: bytes | str) -> Any:
    """What the text says.

    Raises:
        ValueError: it is no JSON, a key stands twice in an object, or a number is none.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)


def _no_constant(name: str) -> Plain:
    raise ValueError(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
