"""Judgements as the gate makes them: synthetic candles, trades of a simple rule on them, our own metrics and our own judge."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd

from pipeline.domain.canonical import digest
from pipeline.domain.curves import equity_curve, market_curve
from pipeline.domain.evidence import CheckResult, Evidence, Judgement, Provenance, Run, WindowPicture, WindowTrades
from pipeline.domain.judge import judge
from pipeline.domain.metrics import measure, measure_curves
from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.domain.trades import ClosedTrade, Fill, trades_digest
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome, Place, Subject
from pipeline.domain.windows import Window

HOUR = timedelta(hours=1)
FIRST = datetime(2024, 11, 3, tzinfo=UTC)
BALANCE = 10_000.0
STAKE = 2_400.0
FEE = 0.001
PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "ADA/USDT")
WINDOWS = tuple(
    Window(name, FIRST + timedelta(days=start), FIRST + timedelta(days=start + 60))
    for name, start in (("early", 0), ("middle", 60), ("late", 120))
)
POLICY = Policy(
    checks=("lint", "behaviour", "backtest"),
    thresholds=(
        Threshold("profit_total_ratio", Scope(Span.ALL_TOGETHER), above=0.0),
        Threshold("profit_factor", Scope(Span.ALL_TOGETHER), at_least=1.1, minimum_trades=30),
        Threshold("drawdown_max_ratio", Scope(Span.ALL_TOGETHER), at_most=0.25),
        Threshold("trades", Scope(Span.ALL_TOGETHER), at_least=30),
        Threshold("profit_total_ratio", Scope(Span.EACH), at_least=-0.10),
        Threshold("profit_total_ratio", Scope(Span.EACH), at_least=-0.10, relative_to=Subject.MARKET),
    ),
)


@dataclass(frozen=True)
class Rule:
    """Hold while the fast mean of closes is above the slow one, `inverted` while it is below; every `every`-th signal counts."""

    fast: int = 12
    slow: int = 72
    inverted: bool = False
    every: int = 1


TREND = Rule()
SLOWER = Rule(fast=24, slow=168)
AGAINST = Rule(fast=3, slow=8, inverted=True)
RARE = Rule(every=17)


@cache
def candles() -> pd.DataFrame:
    """Closing prices, float (4320, 4), hourly: calm and wild weeks, up and down, correlated, rounded to a tick."""
    rng = np.random.default_rng(59)
    hours = 180 * 24
    drift = np.repeat(rng.permutation(np.linspace(-0.0011, 0.0012, 30)), hours // 30)
    calm = np.repeat(rng.uniform(0.004, 0.009, 30), hours // 30)
    common = rng.standard_t(4, hours) / np.sqrt(2)
    columns = {}
    for pair, start, tick in zip(PAIRS, (69_000.0, 2_480.0, 163.0, 0.3712), (0.01, 0.01, 0.01, 0.0001), strict=True):
        own = rng.standard_t(4, hours) / np.sqrt(2)
        returns = drift + calm * (0.8 * common + 0.6 * own) * (0.7 if pair == "BTC/USDT" else 1.0)
        columns[pair] = np.round(start * np.exp(np.cumsum(returns)) / tick) * tick
    return pd.DataFrame(columns, index=pd.date_range(FIRST, periods=hours, freq="h", name="date"))


def trade(rule: Rule, window: Window) -> tuple[ClosedTrade, ...]:
    """The rule's trades at the close of the signal's candle, a fixed stake each, all closed at the window's end."""
    trades: list[ClosedTrade] = []
    for pair, close in candles().items():
        above = close.rolling(rule.fast).mean() > close.rolling(rule.slow).mean()
        held = (~above if rule.inverted else above).loc[window.start : window.end - HOUR]
        turns = np.flatnonzero(np.diff(held.to_numpy(dtype=int)) != 0) + 1
        starts = [row for row in turns if held.iloc[row]][:: rule.every]
        for row in starts:
            end = next((turn for turn in turns if turn > row), len(held) - 1)
            reason = "exit_signal" if end < len(held) - 1 else "force_exit"
            trades.append(_closed(str(pair), close.loc[held.index], row, end, "cross", reason))
    return tuple(sorted(trades, key=lambda t: (t.opened_at, t.pair)))


def _closed(pair: str, close: pd.Series, start: int, end: int, tag: str, reason: str) -> ClosedTrade:
    bought, sold = float(close.iloc[start]), float(close.iloc[end])
    opened_at, closed_at = (close.index[row].to_pydatetime() for row in (start, end))
    amount = STAKE / bought
    paid, got = amount * bought * (1 + FEE), amount * sold * (1 - FEE)
    fills = (Fill("buy", opened_at, bought, amount), Fill("sell", closed_at, sold, amount))
    return ClosedTrade(
        pair, opened_at, closed_at, bought, sold, amount, STAKE, FEE, FEE, got - paid, got / paid - 1, tag, reason, fills
    )  # fmt: skip


def account(
    rule: Rule, windows: Sequence[Window] = WINDOWS
) -> tuple[tuple[WindowTrades, ...], tuple[WindowPicture, ...]]:
    """What the rule did in each window: its trades and its curves."""
    traded, pictures = [], []
    for window in windows:
        trades, closes = trade(rule, window), candles().loc[window.start : window.end - HOUR]
        equity = equity_curve(trades, closes, starting_balance=BALANCE, timeframe=HOUR)
        market = market_curve(closes, closes.iloc[0], starting_balance=BALANCE, timeframe=HOUR)
        traded.append(WindowTrades(window, trades, trades_digest(trades)))
        pictures.append(WindowPicture(window, equity, market, closes))
    return tuple(traded), tuple(pictures)


def measured(traded: Sequence[WindowTrades], pictures: Sequence[WindowPicture]) -> tuple[Measurement, ...]:
    """Candidate and market in each window and all together."""
    found: list[Measurement] = []
    for name in (*(picture.window.name for picture in pictures), ALL_WINDOWS):
        chosen = [picture for picture in pictures if name in (picture.window.name, ALL_WINDOWS)]
        trades = [t for item in traded if name in (item.window.name, ALL_WINDOWS) for t in item.trades]
        numbers = measure(trades, [picture.equity for picture in chosen]) | measure_curves([p.equity for p in chosen])
        market = measure_curves([picture.market for picture in chosen])
        numbers["market_change_ratio"] = market["profit_total_ratio"]
        numbers["excess_ratio"] = numbers["profit_total_ratio"] - market["profit_total_ratio"]
        found += [Measurement(metric, value, name) for metric, value in numbers.items()]
        found += [Measurement(metric, value, name, Subject.MARKET) for metric, value in market.items()]
    return tuple(found)


def provenance(strategy: str = "sma_trend", *, simulated: bool = True) -> Provenance:
    return Provenance(
        strategy=strategy,
        class_name="SmaTrend",
        timeframe="1h",
        pairs=PAIRS,
        content_digest=digest([strategy, "content"]),
        files={"strategy.py": digest([strategy, "py"]), "strategy.yml": digest([strategy, "yml"]), "test_strategy.py": digest("t")},
        policy_digest=POLICY.digest,
        environment_digest=digest("ci.yml"),
        dataset="embedded market" if simulated else "binance, November 2024 to May 2025",
        dataset_digest=digest("candles"),
        markets_digest=digest("markets"),
        simulated=simulated,
        versions={"freqtrade": "2026.9", "ccxt": "4.5.90", "pandas": "3.1.1", "numpy": "2.4.6", "ta-lib": "0.8.2", "python": "3.11.14"},
        isolation="no network, clean environment, 4096 MiB",
        title="Moving averages that cross",
        owner="@trader",
    )  # fmt: skip


def judgement(
    strategy: str,
    rule: Rule,
    *,
    incumbent: Rule | None = None,
    findings: Sequence[Finding] = (),
    simulated: bool = True,
    policy: Policy = POLICY,
) -> tuple[Judgement, tuple[WindowPicture, ...]]:
    """A rule, judged; with the pictures of its windows."""
    evidence, pictures = _evidence(strategy, rule, findings, simulated)
    before = None
    if incumbent is not None:
        before, others = _evidence(strategy, incumbent, (), simulated)
        pictures = tuple(replace(p, incumbent=o.equity) for p, o in zip(pictures, others, strict=True))
    verdict = judge(evidence.checks, evidence.measurements, policy)
    return Judgement(evidence, policy, verdict, before, "strategies/ changed"), pictures


def _evidence(
    strategy: str, rule: Rule, findings: Sequence[Finding], simulated: bool
) -> tuple[Evidence, tuple[WindowPicture, ...]]:
    traded, pictures = account(rule)
    checks = tuple(CheckResult(name, tuple(f for f in findings if f.check == name)) for name in POLICY.checks)
    run = Run("2025-05-02T10:00:00Z", 12.5, 640.0)
    return Evidence(
        provenance(strategy, simulated=simulated), checks, measured(traded, pictures), traded, run
    ), pictures


def passing() -> tuple[Judgement, tuple[WindowPicture, ...]]:
    noisy = Finding(
        "behaviour", "startup", Outcome.PASS, "2 signals came before the 72 start-up candles had passed.",
        Place("strategy.py", 31, 9), warning=True,
    )  # fmt: skip
    return judgement("sma_trend", TREND, incumbent=SLOWER, findings=(noisy,))


def failing() -> tuple[Judgement, tuple[WindowPicture, ...]]:
    peek = Finding(
        "lint",
        "FT201",
        Outcome.FAIL,
        "shift(-1) reads the next candle, which has not happened yet.",
        Place("strategy.py", 42, 34),
    )
    return judgement("dip_buyer", AGAINST, findings=(peek,))


def inconclusive() -> tuple[Judgement, tuple[WindowPicture, ...]]:
    return judgement("rare_cross", RARE)


def broken() -> tuple[Judgement, tuple[WindowPicture, ...]]:
    raised = Finding(
        "backtest", "raised", Outcome.ERROR, "The strategy raised KeyError: 'rsi_14' in window 'early'.",
        Place("strategy.py", 57, 0), window="early",
    )  # fmt: skip
    checks = tuple(CheckResult(name, (raised,) if name == "backtest" else ()) for name in POLICY.checks)
    evidence = Evidence(provenance("crashes"), checks, (), (), Run("2025-05-02T10:00:00Z", 1.5, 410.0))
    return Judgement(evidence, POLICY, judge(checks, (), POLICY), None, "named on the command line"), ()


HOSTILE = (
    "\x1b[2J\x9b31m\u202eevil\r\n::error::x ##[error]y </script><script>alert(1)</script> `a` | <img src=x onerror=alert(1)>"
    " @team #12 [a](http://x) --> ```"
)
"""Everything that could act on a terminal, a workflow, a page or a comment."""


def hostile() -> tuple[Judgement, tuple[WindowPicture, ...]]:
    """Every text that a strategy can choose tries to escape."""
    said = [
        Finding("lint", HOSTILE, Outcome.FAIL, HOSTILE, Place(HOSTILE, 3, 1)),
        Finding("lint", "W1", Outcome.PASS, HOSTILE, warning=True),
    ]
    made, pictures = judgement("hostile", TREND, findings=said)
    evidence = made.evidence
    traded = tuple(
        replace(item, trades=tuple(replace(t, enter_tag=HOSTILE, exit_reason=HOSTILE) for t in item.trades))
        for item in evidence.windows
    )
    named = replace(evidence.provenance, title=HOSTILE, owner=HOSTILE, class_name=HOSTILE, dataset=HOSTILE)
    return replace(made, evidence=replace(evidence, provenance=named, windows=traded), chosen_because=HOSTILE), pictures


def gate() -> tuple[list[Judgement], dict[str, Sequence[WindowPicture]]]:
    """One strategy of each outcome, as a whole gate."""
    made = [passing(), failing(), inconclusive(), broken()]
    return [j for j, _ in made], {j.evidence.provenance.strategy: pictures for j, pictures in made}
