"""What the robustness check has to say, in sentences; what it doubts is a warning."""

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta

from pipeline.domain.costs import SLIPPED_TICKS
from pipeline.domain.lineage import Attempts
from pipeline.domain.statistics.sharpe import CONFIDENCE
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome
from pipeline.domain.words import number

ROBUSTNESS = "robustness"
"""The check's name."""


def findings(
    measurements: Sequence[Measurement],
    profit: float,
    trades: int,
    pairs: Sequence[str],
    attempts: Attempts | None,
    timeframe: timedelta,
) -> Iterator[Finding]:
    """One sentence a kind of doubt; `profit` is the whole profit as a ratio, `pairs` those that were traded."""
    values = {m.metric: m.value for m in measurements if m.window == ALL_WINDOWS}
    if trades < 2 or math.isnan(values["sharpe_per_trade"]):
        why = "the trades all ended alike" if trades > 1 else f"there {'is one trade' if trades else 'are no trades'}"
        yield _said("sharpe_per_trade", f"How much is luck cannot be told: {why}.", doubt=True)
    else:
        yield _interval(values)
        yield _luck(values, trades, attempts)
    if trades:
        yield from _costs(values, profit, timeframe)
        yield _without_pair(values, profit, pairs)
        yield _without_window(values, profit)
    if attempts is not None and attempts.uncounted:
        told = (
            "strategy.json holds hyperopt's parameters, and no results of hyperopt were given, so what it tried is not counted: "
            "the number of attempts is too low."
        )
        yield _said("attempts", told, doubt=True)


def slipped(ratio: float, source: str) -> Finding:
    """What the slippage that bots were measured to have does to `profit_slippage_spread_ratio`."""
    told = f"Bots lost {number('slippage_mean_ratio', ratio, digits=3)} on an order ({source}): half a spread counts as that much at the least."
    return _said("slippage_mean_ratio", told, doubt=False)


def _interval(values: dict[str, float]) -> Finding:
    low, high = values["bootstrap_mean_low_ratio"], values["bootstrap_mean_high_ratio"]
    least, most = values["bootstrap_profit_low_ratio"], values["bootstrap_profit_high_ratio"]
    told = (
        f"With other luck, the mean profit of a trade would lie between {_ratio(low)} and {_ratio(high)}, and all of them together "
        f"between {_ratio(least)} and {_ratio(most)} of the wallet (95 % confidence)."
    )
    return _said("bootstrap_mean_low_ratio", told, doubt=low <= 0)


def _luck(values: dict[str, float], trades: int, attempts: Attempts | None) -> Finding:
    ratio, needed = values["sharpe_per_trade"], values["trades_needed"]
    told = f"The Sharpe ratio per trade is {ratio:.3f} on {trades} trades"
    independent = values["trades_independent"]
    if independent < trades * 0.95:
        told += f", which depend on each other and are worth about {independent:.0f}"
    if attempts is None:
        return _said("deflated_sharpe_ratio", f"{told}; how many attempts it took is not known.", doubt=True)
    sure = values["deflated_sharpe_ratio"]
    told += f". That it is more than the luck of {_tries(attempts)} is {_percent(sure)} probable"
    if math.isinf(needed):
        return _said("deflated_sharpe_ratio", f"{told}; at a loss, more trades prove nothing.", doubt=True)
    level = f"to be {CONFIDENCE * 100:.0f} % sure"
    if trades < needed:
        told += f": {trades} of about {needed:.0f} trades that it takes {level}."
    else:
        told += f"; about {needed:.0f} trades would be enough {level}."
    return _said("deflated_sharpe_ratio", told, doubt=not sure >= CONFIDENCE)


def _tries(attempts: Attempts) -> str:
    if attempts.total == 1:
        return "one attempt"
    made = f"the best of {attempts.total} attempts"
    if attempts.epochs:
        made += f" ({attempts.epochs} of them hyperopt's)"
    if attempts.others:
        made += f" (also made as {', '.join(attempts.others)})"
    return made


def _costs(values: dict[str, float], profit: float, timeframe: timedelta) -> Iterator[Finding]:
    minutes = int(timeframe.total_seconds() // 60)
    candle = f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
    cases = (
        ("profit_fees_doubled_ratio", "with fees twice as high"),
        ("profit_slippage_ticks_ratio", f"with every fill {SLIPPED_TICKS} ticks worse"),
        ("profit_slippage_spread_ratio", "with every fill half of the estimated spread worse"),
        ("profit_late_entry_ratio", f"with every entry one candle ({candle}) later"),
    )
    for metric, words in cases:
        value = values[metric]
        if math.isnan(value):
            lacking = "the market snapshot or the candles lack a pair that was traded"
            yield _said(metric, f"The profit {words} cannot be told: {lacking}.", doubt=True)
        else:
            yield _said(
                metric, f"The profit of {_ratio(profit)} would be {_ratio(value)} {words}.", _lost(profit, value)
            )


def _without_pair(values: dict[str, float], profit: float, pairs: Sequence[str]) -> Finding:
    metric = "profit_without_best_pair_ratio"
    if len(pairs) < 2:
        told = f"All trades are on {pairs[0]}, so nothing shows how much the profit depends on one pair."
        return _said(metric, told, doubt=True)
    told = (
        f"Without the best of its {len(pairs)} pairs, the profit of {_ratio(profit)} would be {_ratio(values[metric])}."
    )
    return _said(metric, told, _lost(profit, values[metric]))


def _without_window(values: dict[str, float], profit: float) -> Finding:
    metric = "profit_without_best_window_ratio"
    if math.isnan(values[metric]):
        return _said(
            metric, "There is one window, so nothing shows how much the profit depends on one time.", doubt=True
        )
    told = f"Without its best window, the profit of {_ratio(profit)} would be {_ratio(values[metric])}."
    return _said(metric, told, _lost(profit, values[metric]))


def _percent(share: float) -> str:
    return "more than 99.9 %" if share > 0.999 else f"{share * 100:.1f} %"


def _lost(profit: float, left: float) -> bool:
    return left <= 0 < profit


def _ratio(value: float) -> str:
    return number("profit_total_ratio", value, signed=True)


def _said(rule: str, reason: str, doubt: bool) -> Finding:
    return Finding(ROBUSTNESS, rule, Outcome.PASS, reason, warning=doubt)
