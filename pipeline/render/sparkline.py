"""A curve in a line of text, for messengers: it needs no picture, and no font that a phone does not have."""

import math
from collections.abc import Iterable
from datetime import datetime

BLOCKS = "▁▂▃▄▅▆▇█"
HOLE = "·"
COLUMNS = 28


def sparkline(
    points: Iterable[tuple[datetime, float]], since: datetime, until: datetime, columns: int = COLUMNS
) -> str:
    """The last value of each of `columns` equal stretches of the time, from the lowest block to the highest; a dot where nothing was seen.

    Empty where fewer than two stretches have a value: that is no curve. One that stands still is drawn in the middle.
    """
    length = (until - since) / columns
    values: list[float | None] = [None] * columns
    for at, value in sorted(points):
        if since <= at <= until and math.isfinite(value):
            values[min(columns - 1, int((at - since) / length))] = value
    seen = [value for value in values if value is not None]
    if len(seen) < 2:
        return ""
    low, high = min(seen), max(seen)
    return "".join(HOLE if value is None else _block(value, low, high) for value in values)


def without_curves(text: str) -> str:
    """The text without its lines of letters: a picture shows the same."""
    return "\n".join(line for line in text.split("\n") if not line or set(line) - {*BLOCKS, HOLE})


def _block(value: float, low: float, high: float) -> str:
    if high <= low:
        return BLOCKS[len(BLOCKS) // 2]
    return BLOCKS[round((value - low) / (high - low) * (len(BLOCKS) - 1))]
