"""What a bundle's backtest lets expect of single trades, for a picture to stand beside what they earn."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.domain.canonical import Plain
from pipeline.domain.verdict import ALL_WINDOWS, Subject


@dataclass(frozen=True, slots=True)
class Expectation:
    """The backtest's means over all windows, None where evidence does not tell them. `simulated`: its candles were, so it promises nothing."""

    profit_mean_ratio: float | None = None
    win_rate_ratio: float | None = None
    trades: int | None = None
    simulated: bool = False


def expectation_in(document: Mapping[str, Plain]) -> Expectation:
    """What an evidence document says; numbers that are none are left out."""
    values: dict[str, float] = {}
    measured = document.get("measurements")
    for one in measured if isinstance(measured, list) else ():
        if isinstance(one, dict) and (one.get("subject"), one.get("window")) == (Subject.CANDIDATE.value, ALL_WINDOWS):
            metric, value = one.get("metric"), one.get("value")
            if isinstance(metric, str) and isinstance(value, int | float) and not isinstance(value, bool):
                values[metric] = float(value)
    trades = values.get("trades")
    return Expectation(
        values.get("profit_mean_ratio"),
        values.get("win_rate_ratio"),
        None if trades is None else int(trades),
        document.get("simulated") is not False,
    )
