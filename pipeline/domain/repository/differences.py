"""What differs between settings that are wished and settings that were found, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pipeline.domain.repository.settings import Part, Settings, Value


class Absent(Enum):
    """What stands in place of a value where there is nothing."""

    ABSENT = "not there"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one part. Where the whole part is not there, the first has no `field`, and all of its fields follow."""

    part: str
    field: str
    found: Value | Absent
    wanted: Value | Absent


def differences(wanted: Settings, found: Settings) -> tuple[Difference, ...]:
    """Everything that is not as wished, in the order in which it is mended; what was not wished never differs."""
    there = {part.title: part for part in found.parts()}
    return tuple(one for part in wanted.parts() for one in part_differences(part, there.get(part.title)))


def part_differences(wanted: Part, found: Part | None) -> Iterator[Difference]:
    """As `differences`, of one part."""
    if found is None:
        yield Difference(wanted.title, "", Absent.ABSENT, True)
    there = found.leaves() if found is not None else {}
    for field, value in wanted.leaves().items():
        now: Value | Absent = there.get(field, Absent.ABSENT)
        if now != value:
            yield Difference(wanted.title, field, now, value)
