"""freqtrade's names for the length of a candle."""

import re
from datetime import timedelta

TIMEFRAMES: dict[str, timedelta] = {
    "1m": timedelta(minutes=1),
    "3m": timedelta(minutes=3),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "2h": timedelta(hours=2),
    "4h": timedelta(hours=4),
    "6h": timedelta(hours=6),
    "8h": timedelta(hours=8),
    "12h": timedelta(hours=12),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "1w": timedelta(weeks=1),
}
"""The timeframes that the train knows, shortest first."""


def looks_like_timeframe(text: str) -> bool:
    """Whether a text has the form of a timeframe, known or not."""
    return re.fullmatch(r"[1-9][0-9]*[mhdwM]", text) is not None


def source_timeframe(wanted: str, available: frozenset[str]) -> str | None:
    """The longest available timeframe whose candles add up to the wanted one (itself if it is there), or None."""
    if wanted in available:
        return wanted
    target = TIMEFRAMES.get(wanted)
    if target is None or wanted == "1w":
        return None
    fits = [
        name for name in available if name in TIMEFRAMES and TIMEFRAMES[name] < target and not target % TIMEFRAMES[name]
    ]
    return max(fits, key=lambda name: TIMEFRAMES[name], default=None)
