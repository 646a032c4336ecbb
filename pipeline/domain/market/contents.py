"""A simulated market as a data set."""

from collections.abc import Iterable
from datetime import timedelta

import pandas as pd

from pipeline.domain.candles import Units
from pipeline.domain.contents import Contents
from pipeline.domain.dataset import SIMULATED, SIMULATED_NOTE
from pipeline.domain.market.candles import END, FINE_DAYS, simulate
from pipeline.domain.market.catalogue import DEFAULT_PAIRS
from pipeline.domain.markets import unified_market

MODEL = 2
"""The version of the model, counted up whenever its numbers change: sets made by another version are made anew."""

DEFAULT_DAYS = 365
"""How long the embedded data set is."""

EXCHANGE = "binance"
"""Whose freqtrade class trades a simulated market; precision, limits and fees are modelled on it."""


def simulated(
    seed: int, pairs: Iterable[str] = DEFAULT_PAIRS, days: int = DEFAULT_DAYS, *, minutes: bool = False
) -> Contents:
    """The whole data set of a seed, with the market snapshot.

    Args:
        days: of the model.
        minutes: 1m candles and nothing else: each step of the last FINE_DAYS of the model, five minutes there, passes in one. Otherwise 1h
            candles for all the days, and 5m candles for the last FINE_DAYS.

    Raises:
        KeyError: a pair that the catalogue does not hold.
    """
    pairs = tuple(sorted(set(pairs)))
    candles, markets = {}, {}
    for one in simulate(seed, pairs, days):
        if minutes:
            candles[one.model.pair, "1m"] = _faster(one.fine)
        else:
            candles[one.model.pair, "1h"] = one.hourly
            candles[one.model.pair, "5m"] = one.fine
        markets[one.model.pair] = unified_market(one.model.pair, Units.of(one.model.tick, one.model.step))
    name, told = name_of(seed, pairs, days, minutes=minutes), notes(seed, pairs, days, minutes=minutes)
    return Contents(name, SIMULATED, EXCHANGE, candles, markets, told, END)


def name_of(seed: int, pairs: Iterable[str] = DEFAULT_PAIRS, days: int = DEFAULT_DAYS, *, minutes: bool = False) -> str:
    """`simulated-7`; what is not the default is in the name too: `simulated-7-60d-2pairs-1m`."""
    pairs = set(pairs)
    span = "" if days == DEFAULT_DAYS else f"-{days}d"
    chosen = "" if pairs == set(DEFAULT_PAIRS) else f"-{len(pairs)}pairs"
    return f"simulated-{seed}{span}{chosen}" + ("-1m" if minutes else "")


def notes(
    seed: int, pairs: Iterable[str] = DEFAULT_PAIRS, days: int = DEFAULT_DAYS, *, minutes: bool = False
) -> tuple[str, ...]:
    """What a reader of the manifest has to know; equal notes mean equal candles."""
    fine = min(days, FINE_DAYS)
    kept = (
        f"the last {fine} as 1m candles, a step of the model a minute" if minutes else f"5m candles for the last {fine}"
    )
    return (
        SIMULATED_NOTE,
        f"market model {MODEL}, seed {seed}, {days} days; {kept}",
        f"pairs {', '.join(sorted(set(pairs)))}; tick, step and fees as on a large exchange",
    )


def _faster(fine: pd.DataFrame) -> pd.DataFrame:
    """The same candles, a minute long, up to END."""
    dates = pd.date_range(end=END - timedelta(minutes=1), periods=len(fine), freq="1min")
    return fine.assign(date=dates.astype(fine["date"].dtype))
