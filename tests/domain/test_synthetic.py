"""Made-up strategies have the edge they claim, and the same numbers as real trades."""

from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from pipeline.domain.job import Account
from pipeline.domain.metrics import METRICS, RUNNING_METRICS
from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.synthetic import DEVIATION_RATIO, START, Kind, ground, parts, play, returns
from pipeline.domain.verdict import ALL_WINDOWS, Subject
from pipeline.domain.windows import Window

WINDOWS = [Window(f"w{n}", START + timedelta(days=100 * n), START + timedelta(days=100 * (n + 1))) for n in range(3)]
GROUND = ground(WINDOWS, Account("USDT", 10_000.0, None, 5))


@pytest.mark.parametrize("kind", [Kind(0.0, 200_000), Kind(0.15, 200_000), Kind(0.15, 200_000, overlapping=True)])
def test_returns_have_the_edge_fat_tails_and_clusters(kind: Kind) -> None:
    made = returns(kind, seeded("edge"))
    assert made.std() == pytest.approx(DEVIATION_RATIO, rel=0.05)
    assert made.mean() / made.std() == pytest.approx(kind.edge, abs=0.012)
    assert stats.kurtosis(made, fisher=False) > 5
    sizes = np.abs(made - made.mean())
    assert np.corrcoef(sizes[:-1], sizes[1:])[0, 1] > 0.03
    follow = np.corrcoef(made[:-1], made[1:])[0, 1]
    assert follow == pytest.approx(1 / 3 if kind.overlapping else 0.0, abs=0.03)


def test_every_metric_that_needs_no_incumbent_is_measured_once() -> None:
    sample = play(Kind(0.1, 120), GROUND, seeded("all"), "all")
    measured = [m for group in parts(sample, GROUND, 3) for m in group]
    names = [(m.metric, m.window, m.subject) for m in measured]
    assert len(names) == len(set(names))
    assert {m.metric for m in measured if m.subject is Subject.CANDIDATE} == METRICS.keys() - set(RUNNING_METRICS)
    values = {m.metric: m.value for m in measured if (m.window, m.subject) == (ALL_WINDOWS, Subject.CANDIDATE)}
    assert values["attempts"] == 3
    assert values["profit_total_ratio"] == pytest.approx(sample.growths(sample.profit).prod() - 1)
    assert values["profit_fees_doubled_ratio"] < values["profit_slippage_spread_ratio"] < values["profit_total_ratio"]


def test_the_fills_make_the_profits() -> None:
    from pipeline.domain.costs import profits

    sample = play(Kind(0.1, 50), GROUND, seeded("fills"), "fills")
    assert profits(sample.fills) == pytest.approx(sample.profit)


def test_trades_lie_in_their_windows_in_order() -> None:
    sample = play(Kind(0.0, 300, overlapping=True), GROUND, seeded("order"), "order")
    assert (np.diff(sample.opened) >= 0).all()
    for number, window in enumerate(WINDOWS):
        mine = sample.opened[sample.window == number]
        assert mine.min() >= window.start.timestamp() * 1e9
        assert mine.max() < window.end.timestamp() * 1e9
