"""Candle files that somebody has become a data set: everything looked at, nothing dropped without a word."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from pipeline.domain.candles import COLUMNS, Units, guessed_units, milliseconds
from pipeline.domain.canonical import Plain
from pipeline.domain.contents import Contents
from pipeline.domain.dataset import MARKETS_FILE, DataProblem, Severity
from pipeline.domain.markets import DEFAULT_FEE_RATIO, DEFAULT_LEAST_COST, market_problems, unified_market, units_of
from pipeline.domain.soundness import candle_problems, column_problems, gaps_in, off_grid_problems
from pipeline.domain.timeframes import TIMEFRAMES


@dataclass(frozen=True, slots=True)
class FoundFile:
    """One candle file as it was found; `written_at` (aware UTC) is when it was last written."""

    path: str
    pair: str
    timeframe: str
    frame: pd.DataFrame
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A folder's candle files, its market snapshot (None: there is none), what could not be read, and what was not looked at."""

    files: tuple[FoundFile, ...]
    markets: Mapping[str, Plain] | None = None
    problems: tuple[DataProblem, ...] = ()
    left_aside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """The data set, or None where a problem is an error."""

    contents: Contents | None
    problems: tuple[DataProblem, ...]


def take_in(
    found: Found, *, name: str, kind: str, exchange: str, taken_at: datetime, notes: tuple[str, ...] = ()
) -> Intake:
    """Make a data set of what was found.

    Gaps are accepted: they become the manifest's known gaps, and warnings here. A last candle that was not closed yet when its file was
    written, or at `taken_at`, is left out with a warning. Without a snapshot, tick and step are guessed from the digits of the numbers,
    and the defaults are named in the notes.
    """
    problems = list(found.problems)
    candles: dict[tuple[str, str], pd.DataFrame] = {}
    for file in found.files:
        frame, of_file = _candles(file, taken_at)
        problems += of_file
        if frame is not None:
            candles[file.pair, file.timeframe] = frame
    if not found.files and not problems:
        problems.append(DataProblem(".", "there are no candle files (such as BTC_USDT-1h.feather)"))
    pairs = sorted({file.pair for file in found.files})
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Intake(None, tuple(problems))
    markets, assumed = _markets(found.markets, pairs, candles)
    problems += market_problems(markets, pairs)
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Intake(None, tuple(problems))
    for file in found.files:
        problems += off_grid_problems(file.path, candles[file.pair, file.timeframe], units_of(markets, file.pair))
    return Intake(Contents(name, kind, exchange, candles, markets, (*notes, *assumed), taken_at), tuple(problems))


def _candles(file: FoundFile, taken_at: datetime) -> tuple[pd.DataFrame | None, list[DataProblem]]:
    """The candles in freqtrade's types, without an unclosed last one, or None; and what there is to say about them."""
    frame = file.frame
    if set(frame.columns) == set(COLUMNS):
        frame = frame[list(COLUMNS)]
    problems = list(column_problems(file.path, frame))
    if problems:
        return None, problems
    frame = frame.astype({name: np.float64 for name in COLUMNS[1:]}).reset_index(drop=True)
    frame["date"] = frame["date"].dt.tz_convert("UTC").dt.as_unit("ms")
    problems += _without_unclosed(file, frame, taken_at)
    if problems:
        frame = frame.iloc[:-1]
    if frame.empty:
        return None, [*problems, DataProblem(file.path, "it holds no closed candle")]
    problems += candle_problems(file.path, frame, file.timeframe, gaps_in(frame, file.timeframe), taken_at)
    return frame, problems


def _without_unclosed(file: FoundFile, frame: pd.DataFrame, taken_at: datetime) -> list[DataProblem]:
    opens = int(milliseconds(frame)[-1])
    closes = opens + int(TIMEFRAMES[file.timeframe].total_seconds() * 1000)
    during = opens <= file.written_at.timestamp() * 1000 < closes
    if not during and closes <= taken_at.timestamp() * 1000:
        return []
    at = frame["date"].iloc[-1].to_pydatetime()
    message = "the last candle was not closed yet when it was taken: left out"
    return [DataProblem(file.path, message, Severity.WARNING, len(frame) - 1, at)]


def _markets(
    snapshot: Mapping[str, Plain] | None, pairs: list[str], candles: Mapping[tuple[str, str], pd.DataFrame]
) -> tuple[dict[str, Plain], tuple[str, ...]]:
    """The snapshot of these pairs, and what had to be assumed."""
    if snapshot is not None:
        return {pair: snapshot[pair] for pair in pairs if pair in snapshot}, ()
    units = {pair: guessed_units([frame for key, frame in candles.items() if key[0] == pair]) for pair in pairs}
    markets = {pair: unified_market(pair, units[pair]) for pair in pairs}
    guessed = "; ".join(f"{pair} {_steps(unit)}" for pair, unit in units.items())
    return markets, (
        f"no {MARKETS_FILE}: fees of {DEFAULT_FEE_RATIO * 100:g} % per side and orders of at least {DEFAULT_LEAST_COST:g} are assumed",
        f"no {MARKETS_FILE}: tick and step are guessed from the digits of prices and volumes: {guessed}",
    )


def _steps(units: Units) -> str:
    return f"{units.tick:f} and {units.step:f}"


def pair_and_timeframe(file_name: str) -> tuple[str, str]:
    """What freqtrade's name of a spot candle file says: `BTC_USDT-1h.feather` is BTC/USDT and 1h.

    Raises:
        ValueError: it is another name; the message says why it is not taken.
    """
    match = re.fullmatch(r"([A-Za-z0-9_]+)-([0-9]+[mhdwMy])(?:-([a-z_]+))?\.feather", file_name)
    if match is None:
        raise ValueError("its name is not freqtrade's for candles, such as BTC_USDT-1h.feather")
    coins, timeframe, kind = match.groups()
    if kind is not None or coins.count("_") == 2:
        raise ValueError("it holds futures, which are not supported yet; spot candles are")
    base, _, quote = coins.partition("_")
    if not base or not quote or "_" in quote:
        raise ValueError("its name does not spell a pair, such as BTC_USDT")
    if timeframe not in TIMEFRAMES:
        raise ValueError(f"the timeframe {timeframe} is not known; known are {', '.join(TIMEFRAMES)}")
    return f"{base}/{quote}", timeframe
