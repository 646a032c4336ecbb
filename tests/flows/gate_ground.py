"""What the tests of the gate's flow share: a candidate, an engine that answers, and a bench of fakes."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.domain.environment import DatasetReference, Environment, Mode
from pipeline.domain.job import Account, BacktestResult, Job, Measured
from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.verdict import Finding, Outcome
from pipeline.domain.windows import Point, WindowSpec
from pipeline.errors import Problem
from pipeline.flows.gate import Gated, gate
from pipeline.flows.gate_measure import Bench
from pipeline.flows.gate_prepare import Ground
from pipeline.flows.gate_select import Entrant
from tests.fakes import FakeBacktester, FakeCandles, FakeLineages, FakeLinter, FakeNarrator, hourly

SOURCE = b"""\
from freqtrade.strategy import IStrategy
from pandas import DataFrame


class Sample(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    stoploss = -0.1
    startup_candle_count = 0

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe
"""
FILES = {
    "strategy.py": SOURCE,
    "strategy.yml": b"class: Sample\npairs: [BTC/USDT]\n",
    "test_strategy.py": b"def test_x() -> None:\n    assert 1 + 1 == 2\n",
}
HOUR = timedelta(hours=1)
TOGETHER = Scope(Span.ALL_TOGETHER)
CHECKS = ("lint", "behaviour", "backtest")


def candidate(files: dict[str, bytes] = FILES, **spec: object) -> Candidate:
    return Candidate(StrategySpec("sample", "Sample", **spec), files, "strategies/sample")  # type: ignore[arg-type]


def trade(opened_at: datetime, ratio: float) -> ClosedTrade:
    closed_at, amount, price = opened_at + 3 * HOUR, 10.0, 100.0
    close = price * (1 + ratio)
    fills = (Fill("buy", opened_at, price, amount), Fill("sell", closed_at, close, amount))
    profit = amount * (close - price)
    return ClosedTrade(
        "BTC/USDT", opened_at, closed_at, price, close, amount, 1000.0, 0.0, 0.0, profit, ratio, "", "roi", fills
    )


def answering(ratio: float, count: int = 3) -> Callable[[Job], Measured]:
    """An engine that makes `count` trades with the same profit in each window."""

    def answer(job: Job) -> Measured:
        results = []
        for window in job.windows:
            trades = tuple(trade(window.start + 10 * number * HOUR, ratio) for number in range(count))
            balance = job.account.wallet + sum(t.profit for t in trades)
            results.append(BacktestResult(window.name, trades, balance, window.start))
        return Measured(
            tuple(results),
            (Finding("behaviour", "tests", Outcome.PASS, "1 test passed"),),
            {"freqtrade": "2026.9"},
            "fake",
        )

    return answer


def run(
    backtester: FakeBacktester,
    scratch: Path,
    *entrants: Entrant,
    thresholds: tuple[Threshold, ...] = (Threshold("profit_total_ratio", TOGETHER, above=0.0),),
    linter: FakeLinter | None = None,
    opinions: dict[str, Finding] | None = None,
    checks: tuple[str, ...] = CHECKS,
) -> Gated:
    made = bench(backtester, scratch, thresholds=thresholds, linter=linter, checks=checks)
    return gate(entrants or (Entrant(candidate()),), made, opinions or {})


def bench(
    backtester: FakeBacktester,
    scratch: Path,
    *,
    thresholds: Sequence[Threshold] = (Threshold("profit_total_ratio", TOGETHER, above=0.0),),
    linter: FakeLinter | None = None,
    checks: tuple[str, ...] = CHECKS,
    lineages: FakeLineages | None = None,
) -> Bench:
    """Two windows of one month, two pairs, and fakes at every port."""
    environment = Environment(
        "ci",
        Mode.HISTORY,
        "binance",
        DatasetReference(),
        Account("USDT", 10_000.0, None, 2),
        (WindowSpec("one", Point(share=0.1), Point(share=0.5)), WindowSpec("two", Point(share=0.5), Point(share=1.0))),
        Policy(checks, tuple(thresholds)),
    )
    frames = {("BTC/USDT", "1h"): hourly(), ("ETH/USDT", "1h"): hourly(step=0.01)}
    ground = Ground(
        environment,
        FakeCandles(frames),
        linter or FakeLinter(),
        frozenset(),
        {},
        scratch,
        lambda index, message: Problem("ci.yml", index + 1, 1, message),
    )
    return Bench(
        ground,
        backtester,
        FakeNarrator(),
        {"judging code": "x"},
        {},
        no_cut,
        b"secret",
        lineages or FakeLineages(),
        scratch,
        jobs=2,
        available_mib=8000,
    )


def no_cut(*_: object) -> None:
    raise AssertionError("nothing is replayed where the policy demands no audit")


def reasons(gated: Gated) -> str:
    return "\n".join(finding.reason for judgement in gated.judgements for finding in judgement.verdict.reasons())
