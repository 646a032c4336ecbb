"""The audit and the replay on what the real freqtrade does: quiet about honest strategies, loud about forged and look-ahead ones."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipeline.adapters.cut_candles import write_cut
from pipeline.adapters.feather import read_candles, write_candles
from pipeline.domain.audit import audit, terms_of
from pipeline.domain.candles import resample
from pipeline.domain.canonical import Plain
from pipeline.domain.job import BACKTEST, Account, Job, Limits, Measured
from pipeline.domain.market import simulated
from pipeline.domain.markets import units_of
from pipeline.domain.policy import Policy
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import Finding, Outcome
from pipeline.domain.windows import Window
from pipeline.flows.gate_prepare import Prepared
from pipeline.flows.gate_replay import AuditTools, audited
from pipeline.flows.gate_select import Entrant
from tests import needs
from tests.fakes import FakeNarrator
from tests.trading_styles import FORGERS, HONEST, LOOKAHEAD, write_style
from tests.warm_engine import WarmEngine

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")
ACCOUNT = Account("USDT", 1000.0, None, 2)


@dataclass(frozen=True)
class Data:
    """Candles by pair and timeframe, in memory and as freqtrade's files."""

    folder: Path
    frames: dict[tuple[str, str], pd.DataFrame]
    markets: dict[str, Plain]

    def windows(self, timeframe: str, days: int) -> tuple[Window, ...]:
        first = max(self.frames[pair, timeframe]["date"].iloc[0] for pair in PAIRS).to_pydatetime()
        start = (first + timedelta(days=9)).replace(hour=0, minute=0)
        return (Window("w", start, start + timedelta(days=days)),)


def written(folder: Path, frames: dict[tuple[str, str], pd.DataFrame], markets: dict[str, Plain]) -> Data:
    """With four-hour and fifteen-minute candles added."""
    every = dict(frames)
    for (pair, timeframe), frame in frames.items():
        longer = {"1h": "4h", "5m": "15m"}[timeframe]
        units = units_of(markets, pair)
        every[pair, longer] = resample(frame, TIMEFRAMES[timeframe], TIMEFRAMES[longer], units)
    for (pair, timeframe), frame in every.items():
        write_candles(frame, folder / f"{pair.replace('/', '_')}-{timeframe}.feather")
    (folder / "markets.json").write_text(json.dumps(markets))
    return Data(folder, every, markets)


@pytest.fixture(scope="module")
def simulated_data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    contents = simulated(7, PAIRS, 60)
    hourly = {key: frame for key, frame in contents.candles.items() if key[1] == "1h"}
    return written(tmp_path_factory.mktemp("simulated"), hourly, contents.markets)


@pytest.fixture(scope="module")
def real_data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    source = needs.real_candles()
    frames = {
        (pair, timeframe): read_candles(source / f"{pair.replace('/', '_')}-{timeframe}.feather")
        for pair in PAIRS
        for timeframe in ("1h", "5m")
    }
    return written(tmp_path_factory.mktemp("real"), frames, json.loads((source / "markets.json").read_text()))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def measured(data: Data, folder: Path, timeframe: str, days: int) -> tuple[Job, Measured]:
    windows = data.windows(timeframe, days)
    job = Job(
        str(folder), "Styled", "binance", str(data.folder), str(data.folder / "markets.json"), PAIRS, timeframe, windows,
        ACCOUNT, tasks=(BACKTEST,), limits=Limits(seconds=100),
    )  # fmt: skip
    answer = WarmEngine().measure(job)
    assert answer.backtests[0].failure is None
    return job, answer


def candidate(folder: Path) -> Candidate:
    return Candidate(StrategySpec("styled", "Styled"), {"strategy.py": (folder / "strategy.py").read_bytes()})


def audit_alone(data: Data, folder: Path, timeframe: str = "1h", days: int = 40) -> tuple[int, tuple[Finding, ...]]:
    job, answer = measured(data, folder, timeframe, days)
    frames = {pair: data.frames[pair, timeframe] for pair in PAIRS}
    terms = terms_of(candidate(folder), TIMEFRAMES[timeframe], PAIRS, {})
    trades = answer.backtests[0].trades
    return len(trades), audit(trades, job.windows[0], frames, data.markets, ACCOUNT, terms)


def audit_and_replay(data: Data, folder: Path, scratch: Path, timeframe: str = "1h", days: int = 20) -> list[Finding]:
    job, answer = measured(data, folder, timeframe, days)
    frames = {pair: data.frames[pair, timeframe] for pair in PAIRS}
    item = Prepared(
        Entrant(candidate(folder)), Policy(("audit",), ()), (), (), timeframe, PAIRS, job.windows, frames, data.folder, "", {}
    )  # fmt: skip
    tools = AuditTools(WarmEngine(), FakeNarrator(), data.markets, "d", write_cut, b"s" * 32, scratch, at_once=1)
    return list(audited(item, job, answer, tools).findings)


@pytest.mark.parametrize("style", HONEST)
def test_the_audit_has_nothing_against_honest_trades_on_a_simulated_market(
    simulated_data: Data, tmp_path: Path, style: str
) -> None:
    count, found = audit_alone(simulated_data, write_style(tmp_path, HONEST[style]))
    assert count > 0
    assert found == ()


@pytest.mark.parametrize(
    ("style", "timeframe", "days"),
    [
        ("roi", "15m", 20),
        ("averaging_down", "1h", 60),
        ("trailing_positive", "15m", 20),
        ("waiting_orders", "1h", 60),
        ("own_prices", "4h", 120),
        ("custom_stoploss", "4h", 120),
        ("protections", "1h", 60),
    ],
)
def test_the_audit_has_nothing_against_honest_trades_on_real_candles(
    real_data: Data, tmp_path: Path, style: str, timeframe: str, days: int
) -> None:
    count, found = audit_alone(real_data, write_style(tmp_path, HONEST[style], timeframe=timeframe), timeframe, days)
    assert count > 0
    assert found == ()


@pytest.mark.parametrize(
    "style",
    ["averaging_down", "own_prices", "custom_stoploss", "protections", "longer_chart", "market_leader", "remembers", "roi_at_once"],
)  # fmt: skip
def test_honest_strategies_make_the_same_trades_from_the_past_alone(
    simulated_data: Data, tmp_path: Path, style: str
) -> None:
    found = audit_and_replay(simulated_data, write_style(tmp_path / "s", HONEST[style]), tmp_path / "scratch")
    assert [finding.outcome for finding in found] == [Outcome.PASS], [finding.reason for finding in found]


@pytest.mark.parametrize("form", LOOKAHEAD)
def test_each_form_of_look_ahead_fails_in_replay(simulated_data: Data, tmp_path: Path, form: str) -> None:
    found = audit_and_replay(simulated_data, write_style(tmp_path / "s", LOOKAHEAD[form]), tmp_path / "scratch")
    assert {finding.outcome for finding in found} == {Outcome.FAIL}
    assert {finding.rule for finding in found} == {"replay"}


@pytest.mark.parametrize(
    ("forger", "rule", "reason"),
    [
        ("better_prices", "price", "a sale by 'out' is made at the opening"),
        ("invented_winners", "stake", "the account as these trades leave it gives a stake of"),
        ("losers_left_out", "stake", "the account as these trades leave it gives a stake of"),
        ("invented_winners_with_stakes_of_its_own", "replay", "are not there"),
        ("losers_left_out_with_stakes_of_its_own", "replay", "are not there"),
    ],
)
def test_a_trade_list_that_was_forged_inside_the_engines_process_is_refused(
    simulated_data: Data, tmp_path: Path, forger: str, rule: str, reason: str
) -> None:
    found = audit_and_replay(simulated_data, write_style(tmp_path / "s", FORGERS[forger]), tmp_path / "scratch")
    assert {finding.outcome for finding in found} == {Outcome.FAIL}
    assert found[0].rule == rule, [finding.reason for finding in found]
    assert reason in found[0].reason
