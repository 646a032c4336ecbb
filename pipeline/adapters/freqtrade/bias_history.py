"""Instability: the same candles with a long history before them, and with exactly the strategy's start-up candles."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from pipeline.adapters.freqtrade.bias_frames import Ground, Span, World
from pipeline.domain import bias_words as words
from pipeline.domain.bias import SIGNALS, Booleans, aligned, choose_rows, relative_gaps, signalled, unready
from pipeline.domain.bias_source import Origins
from pipeline.domain.job import BIAS
from pipeline.domain.strategy import STRATEGY_FILE
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import Finding, Outcome, Place

UNSTABLE = "bias-unstable"
VALUES = "bias-values"
STARTUP = "bias-startup"

BEGINNINGS = 4
"""Candles at which a shorter history begins, each for all pairs at once."""
TRADED = 100
"""Candles after the start-up that are compared."""
LEAST_HISTORY = 200
"""Candles that a long history has more than the start-up, at the least."""
NOTICEABLE = 0.01
"""Share of its size by which an indicator may be off without a word."""
TOLERATED = 1 / 3
"""Share of the stretches that may give other signals: an indicator that settles within a few candles more is no reason to refuse a strategy."""


@dataclass(slots=True)
class _Unlike:
    """What differed between long and short histories."""

    stretches: int = 0
    unstable: int = 0
    example: tuple[str, str, datetime, bool, bool] | None = None
    gap: tuple[str, float] | None = None
    gaps: dict[str, float] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)


def instability(
    ground: Ground, full: World, dates: pd.Series, entries: Booleans, origins: Origins, seed: int
) -> tuple[Finding, ...]:
    """Findings on how the strategy depends on the candles before its start-up candles.

    Signals that are others in more than a third of the stretches fail; anything less, and indicators alone, are warnings.

    Args:
        ground: to analyse again with.
        full: the strategy over all `dates`.
        dates: the candles of the stretch.
        entries: bool (n,), where it enters; stretches begin there as far as there are such candles.
        origins: where columns come from.
        seed: of the choice.
    """
    first, end = ground.startup + max(ground.startup, LEAST_HISTORY), len(dates) - TRADED
    if first >= end:
        reason = f"too few candles to try how values depend on the history: more than {first + TRADED} are needed"
        return (Finding(BIAS, UNSTABLE, Outcome.PASS, reason, Place(STRATEGY_FILE), warning=True),)
    unlike = _Unlike()
    for row in choose_rows((entries,), first, end, BEGINNINGS, seed):
        begin, stop = row - ground.startup, row + TRADED
        short = ground.world(Span(dates.iloc[begin], dates.iloc[stop - 1] + ground.step))
        for pair in ground.pairs:
            known = aligned(full.frames[pair], dates).iloc[begin:stop].reset_index(drop=True)
            alone = aligned(short.frames[pair], dates.iloc[begin:stop].reset_index(drop=True))
            _weigh(pair, known, alone, ground.startup, unlike)
    return _findings(unlike, ground.startup, origins)


def _weigh(pair: str, known: pd.DataFrame, alone: pd.DataFrame, startup: int, unlike: _Unlike) -> None:
    gaps = relative_gaps(known, alone, startup)
    for name, gap in gaps.items():
        if np.isinf(gap):
            unlike.missing[name] = None
        else:
            unlike.gaps[name] = max(gap, unlike.gaps.get(name, 0.0))
    settled = ~unready(known, alone)
    settled[:startup] = False
    signals = {name: (signalled(known, name), signalled(alone, name)) for name in SIGNALS}
    if not any((left | right)[startup:].any() for left, right in signals.values()):
        return
    unlike.stretches += 1
    for name, (left, right) in signals.items():
        apart = np.flatnonzero((left != right) & settled)
        if len(apart):
            unlike.unstable += 1
            if unlike.example is None:
                row = int(apart[0])
                unlike.example = (
                    name,
                    pair,
                    known["date"].iloc[row].to_pydatetime(),
                    bool(left[row]),
                    bool(right[row]),
                )
                finite = {column: gap for column, gap in gaps.items() if NOTICEABLE / 10 < gap < np.inf}
                unlike.gap = max(finite.items(), key=lambda item: item[1], default=None)
            return


def _findings(unlike: _Unlike, startup: int, origins: Origins) -> tuple[Finding, ...]:
    found = []
    if unlike.example is not None:
        column, pair, at, known, alone = unlike.example
        seen = words.Seen(pair, at, known, alone, unlike.stretches, unlike.unstable)
        sentence = words.depends_on_history(column, startup, seen, unlike.gap)
        made = origins.of(unlike.gap[0] if unlike.gap else column, tuple(TIMEFRAMES))
        fails = unlike.unstable > 1 and unlike.unstable > TOLERATED * unlike.stretches
        outcome = Outcome.FAIL if fails else Outcome.PASS
        found.append(Finding(BIAS, UNSTABLE, outcome, sentence, made or Place(STRATEGY_FILE), warning=not fails))
    if unlike.missing:
        sentence = words.not_ready(list(unlike.missing), startup)
        place = origins.of(next(iter(unlike.missing)), tuple(TIMEFRAMES))
        found.append(Finding(BIAS, STARTUP, Outcome.PASS, sentence, place or Place(STRATEGY_FILE), warning=True))
    noticeable = {name: gap for name, gap in unlike.gaps.items() if gap > NOTICEABLE and name not in unlike.missing}
    if noticeable:
        place = origins.of(max(noticeable, key=lambda name: noticeable[name]), tuple(TIMEFRAMES))
        sentence = words.values_apart(noticeable, startup)
        found.append(Finding(BIAS, VALUES, Outcome.PASS, sentence, place or Place(STRATEGY_FILE), warning=True))
    if not found:
        reason = f"the same after {startup} start-up candles as after a longer history ({unlike.stretches} stretches with signals)"
        found.append(Finding(BIAS, UNSTABLE, Outcome.PASS, reason))
    return tuple(found)
