"""The bias check: does the strategy know what had not happened yet, and does it depend on how much history precedes it?

The strategy is analysed over a stretch of real candles, then again by fresh instances over the same candles cut off at chosen moments, with
every other pair and timeframe cut at the same moment. What a causal strategy said about a candle stays as it is.
"""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from freqtrade.persistence import FtNoDBContext

from pipeline.adapters.freqtrade.backtest import failure
from pipeline.adapters.freqtrade.bias_callbacks import ask, callbacks, same
from pipeline.adapters.freqtrade.bias_findings import Found, origins_of, told
from pipeline.adapters.freqtrade.bias_frames import Ground, Span, World
from pipeline.adapters.freqtrade.bias_history import instability
from pipeline.adapters.freqtrade.bias_questions import Moment
from pipeline.domain import bias_words as words
from pipeline.domain.bias import Booleans, aligned, choose_rows, choose_stretch, compare, signalled
from pipeline.domain.job import BIAS, Job
from pipeline.domain.strategy import STRATEGY_FILE
from pipeline.domain.verdict import Finding, Outcome, Place

REPEATABLE = "bias-repeatable"
RAISES = "bias-raises"
CANDLES = "bias-candles"
SIGNALS_SEEN = "bias-signals"

MOST_PAIRS = 3
MOMENTS = 10
"""Cuts, each for all pairs at once."""
SURVEYED = 20_000
"""Candles of a pair in which signals are looked for, the latest ones."""
STRETCH = 2000
"""Candles that are analysed again and again, besides six times the start-up."""
FEWEST = 60
"""Candles after the start-up without which nothing is tried."""
LONGEST_REASON = 2000
"""Characters: a strategy chooses the names of its columns."""


def run_bias(job: Job, scratch: Path, *, seed: int = 1) -> tuple[Finding, ...]:
    """All findings of the check; with equal input they are equal.

    freqtrade's module state is changed while this runs; call it in a process that does nothing else.

    Args:
        job: the strategy, its candles and pairs; nothing after the end of its last window is looked at.
        scratch: an empty folder.
        seed: of the moments that are chosen.
    """
    with warnings.catch_warnings(), FtNoDBContext(job.timeframe):
        warnings.simplefilter("ignore")
        try:
            found = _check(job, scratch, seed)
            return tuple(replace(finding, reason=finding.reason[:LONGEST_REASON]) for finding in found)
        except Exception as error:
            return (_raised(error, job, "on the candles of the data set"),)


def _check(job: Job, scratch: Path, seed: int) -> tuple[Finding, ...]:
    ground = Ground(job, _some(job.pairs), scratch)
    whole = _whole(ground, job)
    if whole is None or len(_dates(ground, whole)) < ground.startup + FEWEST:
        reason = f"too few candles to try anything: {FEWEST} are needed after the {ground.startup} start-up candles"
        return (Finding(BIAS, CANDLES, Outcome.INCONCLUSIVE, reason, Place(STRATEGY_FILE)),)
    full = _stretch(ground, whole)
    dates = _dates(ground, full.span)
    entries, exits = (_anywhere(full, dates, side) for side in ("enter", "exit"))
    found = Found()
    repeatable: list[Finding] = []
    for row in choose_rows((entries, exits), ground.startup + 1, len(dates) - 1, MOMENTS, seed):
        span = replace(full.span, end=dates.iloc[row] + ground.step)
        try:
            part = ground.world(span)
        except Exception as error:
            return (_raised(error, job, f"when there are no candles after {dates.iloc[row]:%Y-%m-%d %H:%M} yet"),)
        new = _disagreements(ground, full, part, row, dates, found)
        if new and not repeatable:
            repeatable += _repeatable(ground, part, dates.iloc[: row + 1])
            if repeatable:
                return tuple(repeatable)
    findings = told(found, full, ground, job)
    if not any(finding.outcome is Outcome.FAIL for finding in findings):
        findings += instability(ground, full, dates, entries, origins_of(job), seed)
    if not entries.any():
        reason = "enters nothing on these candles: only indicators and callbacks were compared"
        findings += (Finding(BIAS, SIGNALS_SEEN, Outcome.PASS, reason, warning=True),)
    return findings


def _some(pairs: tuple[str, ...]) -> tuple[str, ...]:
    """A few pairs, spread evenly over the list."""
    count = min(MOST_PAIRS, len(pairs))
    return tuple(pairs[round(position)] for position in np.linspace(0, len(pairs) - 1, count))


def _whole(ground: Ground, job: Job) -> Span | None:
    """The candles that all pairs have, up to the end of the last window; at most as many as are surveyed."""
    frames = [ground.candles(pair, ground.timeframe) for pair in ground.pairs]
    if not frames or any(frame.empty for frame in frames):
        return None
    end = min(frame["date"].iloc[-1] for frame in frames) + ground.step
    if job.windows:
        end = min(end, pd.Timestamp(max(window.end for window in job.windows)))
    start = max(max(frame["date"].iloc[0] for frame in frames), end - SURVEYED * ground.step)
    return Span(start, end) if start < end else None


def _stretch(ground: Ground, whole: Span) -> World:
    """The strategy over the stretch in which it has most signals."""
    world = ground.world(whole)
    dates = _dates(ground, whole)
    length = STRETCH + 6 * ground.startup
    if len(dates) <= length:
        return world
    signals = sum(_anywhere(world, dates, side).astype(np.int64) for side in ("enter", "exit"))
    first = choose_stretch(np.asarray(signals, dtype=np.int64), length)
    return ground.world(Span(dates.iloc[first], dates.iloc[first + length - 1] + ground.step))


def _dates(ground: Ground, span: Span) -> pd.Series:
    """The candles of a span: freqtrade fills gaps, so that all pairs have the same."""
    return ground.within(span, ground.pairs[0])["date"]


def _anywhere(world: World, dates: pd.Series, side: str) -> Booleans:
    """bool (n,): where any pair has a signal to `enter` or to `exit`."""
    frames = [aligned(frame, dates) for frame in world.frames.values()]
    flags: Booleans = np.logical_or.reduce(
        [signalled(frame, f"{side}_{way}") for frame in frames for way in ("long", "short")]
    )
    return flags


def _disagreements(ground: Ground, full: World, part: World, row: int, dates: pd.Series, found: Found) -> bool:
    """Compare what is known at a moment with what was known afterwards; whether anything is different."""
    before = len(found.columns) + len(found.answers)
    closed = dates.iloc[: row + 1]
    for pair in ground.pairs:
        found.compared += 1
        known, alone = aligned(full.frames[pair], dates).iloc[: row + 1], aligned(part.frames[pair], closed)
        for difference in compare(known, alone, ground.startup):
            at = dates.iloc[difference.row].to_pydatetime()
            seen = words.Seen(pair, at, difference.known, difference.alone, 0, 1)
            found.column(difference.column, seen, difference.at_decision)
        if callbacks(full.strategy):
            _ask_both(full, part, _moment(ground, pair, row, dates, known), ground, found)
    return len(found.columns) + len(found.answers) > before


def _moment(ground: Ground, pair: str, row: int, dates: pd.Series, known: pd.DataFrame) -> Moment:
    now = dates.iloc[row] + ground.step
    candles = ground.candles(pair, ground.timeframe)
    rate = float(candles["open"].iloc[int(candles["date"].searchsorted(now))])
    entered = np.flatnonzero(signalled(known, "enter_long"))
    tag = known["enter_tag"].iloc[entered[-1]] if len(entered) and "enter_tag" in known else None
    return Moment(pair, row, now.to_pydatetime(), rate, str(tag) if isinstance(tag, str) and tag else None)


def _ask_both(full: World, part: World, moment: Moment, ground: Ground, found: Found) -> None:
    candles = ground.within(part.span, moment.pair)
    at = candles["date"].iloc[-1].to_pydatetime()
    differing: set[str] = set()
    for knowing, alone in zip(ask(full, moment, candles), ask(part, moment, candles), strict=True):
        if knowing.callback not in differing and not same(knowing.value, alone.value):
            differing.add(knowing.callback)
            seen = words.Seen(moment.pair, at, knowing.value, alone.value, 0, 1)
            found.answer(knowing.callback, seen, knowing.question)


def _repeatable(ground: Ground, part: World, closed: pd.Series) -> list[Finding]:
    """Random values differ too; they must not be taken for looking ahead."""
    again = ground.world(part.span)
    names = {
        difference.column: None
        for pair in ground.pairs
        for difference in compare(aligned(part.frames[pair], closed), aligned(again.frames[pair], closed))
    }
    if not names:
        return []
    return [Finding(BIAS, REPEATABLE, Outcome.ERROR, words.unsteady(list(names)), Place(STRATEGY_FILE))]


def _raised(error: Exception, job: Job, when: str) -> Finding:
    what = failure(error, job.strategy_dir)
    message = next(iter(what.message.strip().splitlines()), "")
    reason = f"raises {what.kind} {when}" + (f": {message}" if message else "")
    return Finding(BIAS, RAISES, Outcome.ERROR, reason, Place(what.file or STRATEGY_FILE, what.line))
