"""What a look at this machine found, before anything depends on it: one line a check, with what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How a check ended, the worst last."""

    GOOD = "good"
    OPTIONAL = "optional"
    """Not there, and not needed."""
    WEAK = "weak"
    """It works, but less well than it should."""
    MISSING = "missing"
    """Required, and not there."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: what was looked at, how it ended, what was found, and what to do about it (empty: nothing)."""

    name: str
    standing: Standing
    found: str
    advice: str = ""


def missing(checked: Sequence[Checked]) -> tuple[Checked, ...]:
    """What is required and not there."""
    return tuple(one for one in checked if one.standing is Standing.MISSING)
