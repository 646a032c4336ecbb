"""A simulated market as a data set."""

from collections.abc import Iterable

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


def simulated(seed: int, pairs: Iterable[str] = DEFAULT_PAIRS, days: int = DEFAULT_DAYS) -> Contents:
    """The whole data set of a seed: 1h candles for all the days, 5m candles for the last FINE_DAYS, and the market snapshot.

    Raises:
        KeyError: a pair that the catalogue does not hold.
    """
    pairs = tuple(sorted(set(pairs)))
    candles, markets = {}, {}
    for one in simulate(seed, pairs, days):
        candles[one.model.pair, "1h"] = one.hourly
        candles[one.model.pair, "5m"] = one.fine
        markets[one.model.pair] = unified_market(one.model.pair, Units.of(one.model.tick, one.model.step))
    return Contents(name_of(seed, pairs, days), SIMULATED, EXCHANGE, candles, markets, notes(seed, pairs, days), END)


def name_of(seed: int, pairs: Iterable[str] = DEFAULT_PAIRS, days: int = DEFAULT_DAYS) -> str:
    """`simulated-7`; what is not the default is in the name too: `simulated-7-60d-2pairs`."""
    pairs = set(pairs)
    span = "" if days == DEFAULT_DAYS else f"-{days}d"
    return f"simulated-{seed}{span}" + ("" if pairs == set(DEFAULT_PAIRS) else f"-{len(pairs)}pairs")


def notes(seed: int, pairs: Iterable[str] = DEFAULT_PAIRS, days: int = DEFAULT_DAYS) -> tuple[str, ...]:
    """What a reader of the manifest has to know; equal notes mean equal candles."""
    return (
        SIMULATED_NOTE,
        f"market model {MODEL}, seed {seed}, {days} days; 5m candles for the last {min(days, FINE_DAYS)}",
        f"pairs {', '.join(sorted(set(pairs)))}; tick, step and fees as on a large exchange",
    )
