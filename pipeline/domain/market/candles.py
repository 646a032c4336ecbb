"""From regimes and noise to five-minute candles in whole ticks, and their sums."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.domain.candles import Units
from pipeline.domain.market.catalogue import CATALOGUE, DEFAULT_PAIRS, PairModel
from pipeline.domain.market.noise import Dice, Floats, volatility
from pipeline.domain.market.regimes import CHARACTERS, STEPS_A_DAY, Spell, schedule

END = datetime(2026, 1, 1, tzinfo=UTC)
"""Where every simulated market ends (exclusive), whatever day it is made on."""

FINE_DAYS = 90
"""For how many days before the end five-minute candles are kept."""

_SIGMA = 0.00075
_LASTING = 0.0003
_LARGEST_RETURN = 0.15
_OWN_PACES = (12, 144)
_TURNOVER_BY_HOUR = (
    *(0.9, 0.8, 0.75, 0.7, 0.7, 0.75, 0.8, 0.9),
    *(1.0, 1.0, 1.0, 1.0, 1.1, 1.3, 1.5, 1.5),
    *(1.4, 1.3, 1.2, 1.1, 1.0, 1.0, 0.95, 0.9),
)

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairCandles:
    """One pair's candles: `hourly` for the whole span, `fine` (five minutes) for its end, both in freqtrade's columns."""

    model: PairModel
    hourly: pd.DataFrame
    fine: pd.DataFrame


def simulate(
    seed: int, pairs: Iterable[str] = DEFAULT_PAIRS, days: int = 365, catalogue: Mapping[str, PairModel] = CATALOGUE
) -> tuple[PairCandles, ...]:
    """The market of a seed: candles for each pair over the `days` before END.

    A pair's candles depend on the seed, the days and its own name, not on which other pairs are asked for.

    Raises:
        KeyError: a pair that the catalogue does not hold.
    """
    count = days * STEPS_A_DAY
    spells = schedule(seed, days)
    market = Dice(seed, "market")
    clusters = volatility(market, count)
    shared = market.bell(count)
    first = END - timedelta(days=days)
    return tuple(_pair(seed, catalogue[pair], spells, clusters, shared, first) for pair in pairs)


def _pair(
    seed: int, model: PairModel, spells: tuple[Spell, ...], clusters: Floats, shared: Floats, first: datetime
) -> PairCandles:
    dice = Dice(seed, model.pair)
    units = Units.of(model.tick, model.step)
    count = len(shared)
    own = dice.bell(count) * volatility(dice, count, _OWN_PACES)
    sigma = _by_spell(spells, count, "volatility") * clusters * _SIGMA
    shocks = shared * model.beta + own * model.own
    noise = np.clip(shocks * sigma, -_LARGEST_RETURN, _LARGEST_RETURN)
    lasting = np.clip(shocks * clusters * _LASTING, -_LARGEST_RETURN, _LARGEST_RETURN)
    drift = _by_spell(spells, count, "drift") * (model.beta / STEPS_A_DAY)
    pull = _by_spell(spells, count, "pull") / STEPS_A_DAY
    path = _path(drift, lasting, noise, pull, float(model.first_price))
    ticks = _ticks(dice, path, sigma * np.sqrt(model.beta * model.beta + model.own * model.own), units)
    steps = _steps(dice, path, noise, sigma, model, units)
    hourly = _frame(_added_up(ticks, steps, 12), first, timedelta(hours=1), units)
    kept = min(count, FINE_DAYS * STEPS_A_DAY)
    fine = _frame(
        tuple(column[count - kept :] for column in (*ticks, steps)),
        END - timedelta(minutes=5) * kept,
        timedelta(minutes=5),
        units,
    )
    return PairCandles(model, hourly, fine)


def _by_spell(spells: tuple[Spell, ...], count: int, what: str) -> Floats:
    values = np.zeros(count)
    for spell in spells:
        values[spell.start : spell.end] = getattr(CHARACTERS[spell.regime], what)
    return values


def _path(drift: Floats, lasting: Floats, passing: Floats, pull: Floats, first_price: float) -> Floats:
    """float (n + 1,): prices before and after each step, the level times one plus the distance from it."""
    level = np.multiply.accumulate(np.append(first_price, 1.0 + (drift + lasting)))
    away = [0.0]
    distance = 0.0
    for shock, kept in zip(passing.tolist(), (1.0 - pull).tolist(), strict=True):
        distance = distance * kept + shock
        away.append(distance)
    path: Floats = level * (1.0 + np.maximum(away, -0.9))
    return path


def _ticks(dice: Dice, path: Floats, sigma: Floats, units: Units) -> tuple[Integers, Integers, Integers, Integers]:
    """int (n,) each: open, high, low and close in ticks. A candle opens where the last one closed, at times one tick beside it."""
    count = len(sigma)
    size = float(units.tick)
    close = np.maximum(np.rint(path / size), 20.0).astype(np.int64)
    beside = dice.uniform(count)
    opening = close[:-1] + (beside > 0.9).astype(np.int64) - (beside < 0.1).astype(np.int64)
    closing = close[1:]
    reach = path[1:] * sigma * 1.2 / size
    above = np.rint(reach * dice.uniform(count) * dice.uniform(count)).astype(np.int64)
    below = np.rint(reach * dice.uniform(count) * dice.uniform(count)).astype(np.int64)
    high = np.maximum(opening, closing) + above
    low = np.maximum(np.minimum(opening, closing) - below, 1)
    return opening, high, low, closing


def _steps(dice: Dice, path: Floats, noise: Floats, sigma: Floats, model: PairModel, units: Units) -> Integers:
    """int (n,): traded amounts in amount steps, at least one; more where the price moves, and in the afternoon (UTC)."""
    count = len(noise)
    hours = np.resize(np.repeat(np.array(_TURNOVER_BY_HOUR), 12), count)
    moved = 0.5 + 0.6 * np.abs(noise) / _SIGMA
    spread = (0.3 + dice.uniform(count)) / (0.3 + dice.uniform(count))
    turnover = model.daily_turnover / STEPS_A_DAY * hours * moved * spread * (0.5 + 0.5 * sigma / _SIGMA)
    amounts = np.rint(turnover / path[1:] / float(units.step)).astype(np.int64)
    return np.maximum(amounts, 1)


def _added_up(ticks: tuple[Integers, Integers, Integers, Integers], steps: Integers, size: int) -> tuple[Integers, ...]:
    opening, high, low, closing = (column.reshape(-1, size) for column in ticks)
    return opening[:, 0], high.max(axis=1), low.min(axis=1), closing[:, -1], steps.reshape(-1, size).sum(axis=1)


def _frame(columns: tuple[Integers, ...], first: datetime, length: timedelta, units: Units) -> pd.DataFrame:
    opening, high, low, closing, steps = columns
    start = int(first.timestamp()) * 1000
    milliseconds = start + np.arange(len(opening), dtype=np.int64) * (length // timedelta(milliseconds=1))
    return units.frame(milliseconds, opening, high, low, closing, steps)
