"""A few candles around what a claim is about, as a table that fits a terminal."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pipeline.domain.candles import COLUMNS
from pipeline.domain.timeframes import TIMEFRAMES

MOST_ROWS = 10
MOST_INDICATORS = 4
BESIDE = 3
"""How many candles are shown before and after the one that a claim is about."""

_SIGNALS = ("enter_long", "exit_long", "enter_short", "exit_short", "enter_tag", "exit_tag")


def candle_table(candles: pd.DataFrame, segments: list[str], around: Iterable[int]) -> str:
    """The candles at and beside the positions `around`, at most MOST_ROWS of them, with price, signals and the first indicators.

    `segments` has the name of each candle's segment. Candles that are left out between two rows show as a line of dots.
    """
    rows = _chosen(around, len(candles))
    indicators = [name for name in candles.columns if _is_indicator(candles, str(name))][:MOST_INDICATORS]
    lines = [["candle", "segment", "close", "volume", "enter", "exit", *map(str, indicators)]]
    for before, row in zip([None, *rows], rows, strict=False):
        if before is not None and row > before + 1:
            lines.append(["..."] + [""] * (len(lines[0]) - 1))
        candle = candles.iloc[row]
        marks = ["x" if candle.get(column) == 1 else "" for column in ("enter_long", "exit_long")]
        numbers = [_number(candle[name]) for name in indicators]
        lines.append([str(row), segments[row], _number(candle["close"]), _number(candle["volume"]), *marks, *numbers])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _chosen(around: Iterable[int], count: int) -> list[int]:
    """The positions themselves first, then their neighbours, nearest first, until there are enough; in order."""
    wanted = [position for position in around if 0 <= position < count]
    if len(wanted) > MOST_ROWS // 2:
        wanted = [wanted[at] for at in np.linspace(0, len(wanted) - 1, MOST_ROWS // 2).astype(int)]
    chosen = dict.fromkeys(wanted)
    for distance in range(1, BESIDE + 1):
        for position in wanted:
            for beside in (position - distance, position + distance):
                if 0 <= beside < count and len(chosen) < MOST_ROWS:
                    chosen[beside] = None
    return sorted(chosen)


def _is_indicator(candles: pd.DataFrame, name: str) -> bool:
    """Neither a candle's own column nor one that came with another timeframe's candles, such as `close_4h`."""
    column, _, timeframe = name.rpartition("_")
    if column in COLUMNS and timeframe in TIMEFRAMES:
        return False
    return name not in (*COLUMNS, *_SIGNALS) and bool(pd.api.types.is_numeric_dtype(candles[name]))


def _number(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:.6g}"
