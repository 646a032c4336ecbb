"""A small market, and the way from a hostile strategy to its verdict: the real engine in the real sandbox, with lint left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from pipeline.adapters.engine import FreqtradeChild
from pipeline.domain.account import account_for
from pipeline.domain.evidence import CheckResult, Evidence, Judgement, Provenance
from pipeline.domain.job import BACKTEST, Account, BacktestResult, Job, Limits
from pipeline.domain.judge import judge
from pipeline.domain.market import simulated
from pipeline.domain.policy import Policy, Scope, Span, Threshold
from pipeline.domain.verdict import Finding, Outcome, Verdict
from pipeline.domain.windows import Window
from pipeline.errors import ToolFailed
from pipeline.render import evidence_json
from tests.hostile.case import CANARY, Hostile, carrier

PAIRS = ("BTC/USDT", "ETH/USDT")
ACCOUNT = Account("USDT", 1000.0, None, 2)


@dataclass(frozen=True)
class Market:
    """A folder of candle files with the snapshot beside it."""

    data_dir: Path
    markets: Path

    def frames(self) -> dict[str, pd.DataFrame]:
        """pair -> candles."""
        return {pair: pd.read_feather(self.data_dir / f"{pair.replace('/', '_')}-1h.feather") for pair in PAIRS}

    def window(self, name: str) -> Window:
        """Ten days in the middle, under any name."""
        first: datetime = self.frames()[PAIRS[0]]["date"].iloc[0].to_pydatetime()
        return Window(name, first + timedelta(days=10), first + timedelta(days=20))


def made_market(folder: Path) -> Market:
    """25 simulated days of two pairs, written below a folder."""
    (folder / "candles").mkdir()
    contents = simulated(7, PAIRS, days=25)
    for (pair, timeframe), frame in contents.candles.items():
        if timeframe == "1h":
            frame.to_feather(folder / "candles" / f"{pair.replace('/', '_')}-{timeframe}.feather")
    (folder / "markets.json").write_text(evidence_json.to_text(dict(contents.markets)))
    return Market(folder / "candles", folder / "markets.json")


def job(market: Market, folder: Path, attacks: Sequence[Hostile], windows: Sequence[str], **changes: object) -> Job:
    """A job over a strategy that carries these attacks; the neighbour with the canary lies beside its folder."""
    here, neighbour = folder / "hostile", folder / "neighbour"
    for place in (here, neighbour):
        place.mkdir(exist_ok=True)
    (here / "strategy.py").write_text(carrier(attacks))
    (neighbour / "strategy.py").write_text(CANARY)
    settings: dict[str, object] = {
        "strategy_dir": str(here),
        "class_name": "Hostile",
        "exchange": "binance",
        "data_dir": str(market.data_dir),
        "markets": str(market.markets),
        "pairs": PAIRS,
        "timeframe": "1h",
        "windows": tuple(market.window(name) for name in windows),
        "account": ACCOUNT,
        "tasks": (BACKTEST,),
        "limits": Limits(seconds=120.0, answer_mib=4),
        "parallel": 2,
    }
    return Job(**{**settings, **changes})  # type: ignore[arg-type]


def tried(child: FreqtradeChild, asked: Job) -> Mapping[str, BacktestResult] | ToolFailed:
    """What came of each window, or why nothing came at all."""
    try:
        return {result.window: result for result in child.measure(asked).backtests}
    except ToolFailed as error:
        return error


def policy() -> Policy:
    """One demand that no honest strategy of ten days meets, so that a PASS can only be stolen."""
    scope = Scope(Span.ALL_TOGETHER)
    return Policy(("backtest",), (Threshold("profit_total_ratio", scope, above=0.9),))


def verdict(market: Market, asked: Job, name: str, answer: BacktestResult | ToolFailed) -> Verdict:
    """What the gate would say of it."""
    if isinstance(answer, ToolFailed):
        reason = f"The strategy could not be run: {answer.message}. {answer.hint}".strip()
        findings: tuple[Finding, ...] = (Finding("backtest", "engine", Outcome.ERROR, reason),)
        return judge((CheckResult("backtest", findings),), (), policy())
    accounted = account_for((answer,), (market.window(name),), market.frames(), asked.account, timedelta(hours=1))
    return judge((CheckResult("backtest", accounted.findings),), accounted.measurements, policy())


def judgement(name: str, said: Verdict) -> Judgement:
    """A verdict as the renderers take it."""
    provenance = Provenance(
        strategy="hostile", class_name="Hostile", timeframe="1h", pairs=PAIRS, content_digest="sha256:" + "0" * 64, files={},
        policy_digest=policy().digest, environment_digest="sha256:" + "1" * 64, dataset=name, dataset_digest="sha256:" + "2" * 64,
        markets_digest="sha256:" + "3" * 64, simulated=True, versions={}, isolation="test",
    )  # fmt: skip
    checks = (CheckResult("backtest", said.findings),)
    return Judgement(Evidence(provenance, checks, (), ()), policy(), said)
