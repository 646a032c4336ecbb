"""The robustness check on lists of trades with known numbers, and on those that say nothing."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from pipeline.domain.evidence import WindowTrades
from pipeline.domain.judge import judge
from pipeline.domain.lineage import Attempts
from pipeline.domain.metrics import METRICS, WHOLE_METRICS
from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.domain.robustness import robustness
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome
from tests.domain.trade_lists import ACCOUNT, HOUR, MARKETS, flat, trade, windows

FRAMES = {pair: flat() for pair in MARKETS}
TOGETHER = Scope(Span.ALL_TOGETHER)


def checked(
    lists: Sequence[WindowTrades], attempts: Attempts | None = None, tried: bool = True
) -> tuple[dict[str, float], dict[str, Finding]]:
    measurements, findings = robustness(
        lists, FRAMES, MARKETS, ACCOUNT, attempts or (Attempts() if tried else None), HOUR
    )
    values = {m.metric: m.value for m in measurements if m.window == ALL_WINDOWS}
    return values, {finding.rule: finding for finding in findings}


def drawn(mean: float, count: int = 120, first_hour: int = 0, seed: int = 1, pairs: int = 3) -> list[ClosedTrade]:
    ratios = np.random.default_rng(seed).normal(mean, 0.02, count)
    names = list(MARKETS)[:pairs]
    return [trade(float(r), first_hour + 4 * i, names[i % pairs]) for i, r in enumerate(ratios)]


def good() -> list[WindowTrades]:
    return windows(drawn(0.008), drawn(0.008, first_hour=720, seed=2))


def test_everything_measured_has_a_name_that_a_policy_can_use() -> None:
    measurements, _ = robustness(good(), FRAMES, MARKETS, ACCOUNT, Attempts(3), HOUR)
    assert {m.metric for m in measurements} <= METRICS.keys()
    whole = {m.metric for m in measurements} - {m.metric for m in measurements if m.window != ALL_WINDOWS}
    assert whole == WHOLE_METRICS
    assert len({(m.metric, m.window) for m in measurements}) == len(measurements)


def test_the_same_trades_give_the_same_numbers() -> None:
    assert checked(good())[0] == checked(good())[0]


def test_costs_are_linked_over_windows_as_the_profit_is() -> None:
    lists = windows([trade(0.05, 0)], [trade(0.02, 720), trade(-0.01, 730, "B/USDT")])
    measurements, _ = robustness(lists, FRAMES, MARKETS, ACCOUNT, Attempts(), HOUR)
    each = {m.window: m.value for m in measurements if m.metric == "profit_fees_doubled_ratio"}
    assert each[ALL_WINDOWS] == pytest.approx((1 + each["w0"]) * (1 + each["w1"]) - 1)
    assert each["w0"] == pytest.approx((5.0 - 0.1 / 1.001 * 1.0 - 0.105 / 0.999) / 1000, rel=0.01)


def test_what_bots_lost_on_their_orders_is_put_on_every_fill() -> None:
    def left(slippage_ratio: float) -> float:
        found, _ = robustness(good(), FRAMES, MARKETS, ACCOUNT, Attempts(), HOUR, slippage_ratio)
        return next(m.value for m in found if (m.metric, m.window) == ("profit_slippage_spread_ratio", ALL_WINDOWS))

    assert left(0.05) < left(0.01) < left(0.0)


def test_without_the_best_pair_and_window_less_is_left() -> None:
    lists = windows([trade(0.5, 0), trade(0.01, 4, "B/USDT")], [trade(-0.02, 720), trade(-0.1, 724, "C/USDT")])
    values, findings = checked(lists)
    assert values["profit_without_best_pair_ratio"] == pytest.approx((1 + 0.001) * (1 - 0.01) - 1)
    assert values["profit_without_best_window_ratio"] == pytest.approx(-0.012)
    assert findings["profit_without_best_pair_ratio"].warning
    assert findings["profit_without_best_window_ratio"].warning


def test_more_attempts_make_luck_likelier() -> None:
    found = [checked(good(), Attempts(contents, epochs))[0] for contents, epochs in ((1, 0), (5, 0), (5, 400))]
    deflated = [values["deflated_sharpe_ratio"] for values in found]
    assert deflated == sorted(deflated, reverse=True)
    assert len(set(deflated)) == 3
    assert found[0]["deflated_sharpe_ratio"] == found[0]["probabilistic_sharpe_ratio"]
    assert found[2]["attempts"] == 405
    assert found[0]["trades_needed"] < found[2]["trades_needed"]


def test_too_short_a_track_record_is_told_with_its_length() -> None:
    values, findings = checked(windows(drawn(0.005, 41)), Attempts(4))
    said = findings["deflated_sharpe_ratio"]
    assert f"41 of about {values['trades_needed']:.0f} trades that it takes to be 98 % sure." in said.reason
    assert "the best of 4 attempts" in said.reason
    assert said.warning
    assert said.outcome is Outcome.PASS


def test_trades_that_depend_on_each_other_are_worth_fewer() -> None:
    ratios = np.repeat(np.random.default_rng(3).normal(0.004, 0.02, 60), 3)
    lists = windows([trade(float(r), i // 3 * 8, list(MARKETS)[i % 3], hours=6) for i, r in enumerate(ratios)])
    values, findings = checked(lists)
    assert 50 < values["trades_independent"] < 100
    assert "depend on each other" in findings["deflated_sharpe_ratio"].reason


def test_an_unknown_number_of_attempts_decides_nothing() -> None:
    values, findings = checked(good(), tried=False)
    assert math.isnan(values["deflated_sharpe_ratio"])
    assert math.isnan(values["attempts"])
    assert "how many attempts it took is not known" in findings["deflated_sharpe_ratio"].reason


def test_hyperopt_without_its_results_is_told() -> None:
    assert "hyperopt" in checked(good(), Attempts(uncounted=True))[1]["attempts"].reason


IDENTICAL = [trade(0.01, hour) for hour in range(0, 200, 4)]


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ([[], []], "there are no trades"),
        ([[trade(0.01, 0)], []], "there is one trade"),
        ([IDENTICAL], "the trades all ended alike"),
    ],
)
def test_nothing_is_told_of_luck_where_nothing_varies(lists: list[list[ClosedTrade]], told: str) -> None:
    values, findings = checked(windows(*lists), Attempts(3))
    for metric in WHOLE_METRICS - {"attempts", "profit_without_best_window_ratio"}:
        assert math.isnan(values[metric]), metric
    assert told in findings["sharpe_per_trade"].reason
    threshold = Threshold("deflated_sharpe_ratio", TOGETHER, at_least=0.98)
    numbers = [Measurement(metric, value, ALL_WINDOWS) for metric, value in values.items()]
    assert judge((), numbers, Policy((), (threshold,))).outcome is Outcome.INCONCLUSIVE


def test_one_pair_and_one_window_say_so() -> None:
    values, findings = checked(windows(drawn(0.01, pairs=1)))
    assert math.isnan(values["profit_without_best_pair_ratio"])
    assert math.isnan(values["profit_without_best_window_ratio"])
    assert "All trades are on A/USDT" in findings["profit_without_best_pair_ratio"].reason
    assert "There is one window" in findings["profit_without_best_window_ratio"].reason


@pytest.mark.parametrize("broken", [{"profit": math.nan}, {"profit_ratio": math.inf}, {"open_rate": 0.0, "fills": ()}])
def test_trades_that_are_no_numbers_are_an_error(broken: dict[str, float]) -> None:
    trades = [replace(drawn(0.01)[0], **broken), *drawn(0.01)[1:]]  # type: ignore[arg-type]
    measurements, findings = robustness(windows(trades), FRAMES, MARKETS, ACCOUNT, Attempts(), HOUR)
    assert [finding.outcome for finding in findings] == [Outcome.ERROR]
    assert all(math.isnan(m.value) for m in measurements)
    whole, _ = robustness(windows(drawn(0.01)), FRAMES, MARKETS, ACCOUNT, Attempts(), HOUR)
    assert {(m.metric, m.window) for m in measurements} == {(m.metric, m.window) for m in whole}


def test_a_pair_that_the_snapshot_lacks_leaves_its_slippage_open() -> None:
    measurements, findings = robustness(good(), FRAMES, {}, ACCOUNT, Attempts(), HOUR)
    values = {m.metric: m.value for m in measurements if m.window == ALL_WINDOWS}
    assert math.isnan(values["profit_slippage_ticks_ratio"])
    assert math.isfinite(values["profit_late_entry_ratio"])
    assert any("lack a pair" in finding.reason for finding in findings)


def test_a_profit_that_costs_eat_up_is_a_warning() -> None:
    trades = [trade(0.02 if number % 2 else -0.018, 4 * number) for number in range(100)]
    values, findings = checked(windows(trades))
    assert values["profit_fees_doubled_ratio"] == pytest.approx(-0.01, abs=0.0005)
    assert findings["profit_fees_doubled_ratio"].warning
    assert (
        findings["profit_fees_doubled_ratio"].reason
        == "The profit of +1.00 % would be -1.00 % with fees twice as high."
    )
