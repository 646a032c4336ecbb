"""Lay two environments side by side: what would be different there."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.domain.canonical import Plain

ABSENT = object()
"""Stands where one side does not have the key; null is a value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One leaf that differs; a side is ABSENT where it does not have the key."""

    key: str
    left: object
    right: object


def diff(left: Mapping[str, Plain], right: Mapping[str, Plain]) -> tuple[Difference, ...]:
    """The leaves that differ, in the order of the left side, those that only the right side has after them."""
    keys = [*left, *(key for key in right if key not in left)]
    pairs = ((key, left.get(key, ABSENT), right.get(key, ABSENT)) for key in keys)
    return tuple(Difference(key, one, other) for key, one, other in pairs if _differs(one, other))


def _differs(one: object, other: object) -> bool:
    """As `!=`, but true is not 1; 1 and 1.0 are the same number."""
    return one != other or isinstance(one, bool) != isinstance(other, bool)
