"""What a bundle's evidence promises of a single trade, from the numbers that the gate kept of its backtest."""

import math
from collections.abc import Mapping

from pipeline.domain.canonical import Plain
from pipeline.domain.statistics.betting import Scale
from pipeline.domain.trading.terms import PROMISED_METRICS
from pipeline.domain.train.edge import Promise
from pipeline.domain.verdict import ALL_WINDOWS, Measurement, Subject


def promise_in(document: Mapping[str, Plain], *, simulated: bool = False) -> Promise | None:
    """What an evidence document (`ports.Bundles.evidence`) promises; None where a number that it takes is missing.

    Args:
        simulated: whether evidence on simulated data promises anything. It proves the train and not the strategy, so it does in a rehearsal only.
    """
    return promise_from(promised_numbers(document, simulated=simulated))


def promised_numbers(document: Mapping[str, Plain], *, simulated: bool = False) -> dict[str, float]:
    """The measurements of an evidence document that a promise is made of; none where it promises nothing. Arguments as for `promise_in`."""
    values: dict[str, float] = {}
    if document.get("simulated") is not False and not simulated:
        return values
    measured = document.get("measurements")
    for one in measured if isinstance(measured, list) else ():
        if isinstance(one, dict) and (one.get("subject"), one.get("window")) == (Subject.CANDIDATE.value, ALL_WINDOWS):
            metric, value = one.get("metric"), one.get("value")
            if isinstance(metric, str) and isinstance(value, int | float) and not isinstance(value, bool):
                values[metric] = float(value)
    return values


def promise_from(values: Mapping[str, float]) -> Promise | None:
    """What the gate's measurements of all windows together promise; None where one is missing, or no number.

    The mean is measured as a running bot's is, with days clipped: another mean would make liars of strategies whose gains are few and large.
    """
    mean, spread, size, trades = (
        values.get(name, math.nan) for name in ("day_mean_ratio", "day_spread_ratio", "day_trades", "trades")
    )
    if not all(map(math.isfinite, (mean, spread, size, trades))) or not (spread > 0 and size >= 1):
        return None
    known = {**{metric: values[metric] for metric in PROMISED_METRICS if metric in values}, "edge_high_ratio": mean}
    told = tuple(Measurement(metric, value, ALL_WINDOWS, Subject.BACKTEST) for metric, value in known.items())
    return Promise(mean, Scale(spread, size), int(trades), told)
