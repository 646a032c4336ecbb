"""The audit in the gate: candles first, then replays from the past alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.domain.job import REPLAY, BacktestResult, Failure, Job, Measured
from pipeline.domain.policy import Policy
from pipeline.domain.replay import ENTRIES, EXITS, QUIET, Cut
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.verdict import Finding, Outcome
from pipeline.domain.windows import Window
from pipeline.errors import ToolFailed
from pipeline.flows.gate_prepare import Prepared
from pipeline.flows.gate_replay import AuditTools, audited
from pipeline.flows.gate_select import Entrant
from tests.domain.audit.forging import ACCOUNT, FRAMES, HONEST, MARKETS, PAIRS, WINDOW, at, made
from tests.fakes import FakeBacktester, FakeNarrator

CANDIDATE = Candidate(StrategySpec("sample", "Sample"), {"strategy.py": b"def custom_stake_amount(): ..."})
MANY = tuple(made(PAIRS[0], 4 + 5 * number, 7 + 5 * number, 2.0) for number in range(40))
Answer = Callable[[Job], Measured | ToolFailed]


@dataclass
class Cutting:
    """Remembers what was cut."""

    cuts: list[Cut] = field(default_factory=list)

    def __call__(self, data_dir: Path, cut: Cut, into: Path) -> None:
        self.cuts.append(cut)
        into.mkdir(parents=True)


def answer(*trades: ClosedTrade, **changes: object) -> Measured:
    return Measured((replace(BacktestResult("w", trades, 1000.0, WINDOW.start), **changes),), (), {}, "fake")  # type: ignore[arg-type]


def each(result: Callable[[Window], BacktestResult]) -> Answer:
    """An engine that answers window by window."""
    return lambda job: Measured(tuple(result(window) for window in job.windows), (), {}, "fake")


def causal(trades: Iterable[ClosedTrade]) -> Answer:
    """An engine that makes the same trades as far as it sees."""
    return each(lambda window: BacktestResult(window.name, tuple(t for t in trades if t.fills[0].at < window.end)))


def run(
    trades: Iterable[ClosedTrade], again: Answer, tmp_path: Path, window: Window = WINDOW
) -> tuple[list[Finding], FakeBacktester, Cutting]:
    tmp_path.mkdir(exist_ok=True)
    backtester, cutting = FakeBacktester(again), Cutting()
    job = Job(
        str(tmp_path), "Sample", "binance", str(tmp_path), "markets.json", PAIRS, "1h", (window,), ACCOUNT, identity="full"
    )  # fmt: skip
    item = Prepared(
        Entrant(CANDIDATE), Policy(("audit",), ()), (), (), "1h", PAIRS, (window,), FRAMES, tmp_path, "", {}
    )
    tools = AuditTools(backtester, FakeNarrator(), MARKETS, "d", cutting, b"s" * 32, tmp_path, at_once=2)
    return list(audited(item, job, answer(*trades), tools).findings), backtester, cutting


def test_honest_trades_are_audited_replayed_and_pass(tmp_path: Path) -> None:
    found, backtester, cutting = run(MANY, causal(MANY), tmp_path)
    assert [finding.outcome for finding in found] == [Outcome.PASS]
    assert found[0].reason.startswith("All 40 trades were possible")
    assert len(cutting.cuts) == sum(len(job.windows) for job in backtester.jobs) == ENTRIES + EXITS + QUIET


def test_each_child_replays_a_part_of_the_moments_in_their_order_under_an_identity_of_its_own(tmp_path: Path) -> None:
    _, backtester, _ = run(MANY, causal(MANY), tmp_path)
    assert len(backtester.jobs) == len({job.data_dir for job in backtester.jobs}) == 2
    assert {job.tasks for job in backtester.jobs} == {(REPLAY,)}
    assert len({job.identity for job in backtester.jobs} - {"full"}) == 2
    for job in backtester.jobs:
        ends = [window.end for window in job.windows]
        assert ends == sorted(ends)
        assert [window.name for window in job.windows] == [str(number) for number in range(len(ends))]
        assert [path.name for path in sorted(Path(job.data_dir).iterdir())] == [window.name for window in job.windows]


def test_impossible_trades_fail_and_are_not_replayed(tmp_path: Path) -> None:
    forged = (replace(MANY[0], fee_open_ratio=0.0), *MANY[1:])
    found, backtester, _ = run(forged, causal(forged), tmp_path)
    assert {finding.outcome for finding in found} == {Outcome.FAIL}
    assert backtester.jobs == []


def test_trades_that_the_past_does_not_make_fail_and_are_counted(tmp_path: Path) -> None:
    found, _, _ = run(MANY, causal(()), tmp_path)
    assert {finding.outcome for finding in found} == {Outcome.FAIL}
    assert len(found) == 6
    assert found[-1].reason.startswith("And ")


def test_a_strategy_that_raises_or_a_child_that_dies_without_later_candles_is_an_error(tmp_path: Path) -> None:
    raising = each(lambda window: BacktestResult(window.name, failure=Failure("KeyError", "'x'")))
    broken, _, _ = run(MANY, raising, tmp_path / "raising")
    assert {finding.outcome for finding in broken} == {Outcome.ERROR}
    assert "The strategy cannot be replayed up to" in broken[0].reason
    died, _, _ = run(MANY, lambda _: ToolFailed("the engine's process was ended by signal 9"), tmp_path / "died")
    assert "The trades could not be replayed: the engine's process was ended by signal 9" in died[0].reason


def test_no_trade_passes_if_the_past_alone_makes_none_either(tmp_path: Path) -> None:
    found, _, _ = run((), causal(()), tmp_path / "none")
    assert [finding.reason for finding in found] == ["There was no trade to audit."]
    found, _, _ = run((), causal((made(PAIRS[0], 5, 200, 2.0),)), tmp_path / "some")
    assert {finding.outcome for finding in found} == {Outcome.FAIL}


def test_a_window_that_is_too_short_to_end_earlier_decides_nothing(tmp_path: Path) -> None:
    brief = replace(WINDOW, end=at(3))
    trade = made(PAIRS[0], 1, 2, 2.0, reason="force_exit")
    found, _, _ = run((trade,), causal((trade,)), tmp_path, brief)
    assert [finding.outcome for finding in found] == [Outcome.INCONCLUSIVE]


def test_an_interrupt_stops_the_engine(tmp_path: Path) -> None:
    def interrupted(_: Job) -> Measured:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(HONEST, interrupted, tmp_path)


def test_windows_without_a_result_are_left_to_the_backtest(tmp_path: Path) -> None:
    backtester = FakeBacktester(causal(()))
    job = Job(str(tmp_path), "S", "binance", str(tmp_path), "", PAIRS, "1h", (WINDOW,), ACCOUNT)
    item = Prepared(
        Entrant(CANDIDATE), Policy(("audit",), ()), (), (), "1h", PAIRS, (WINDOW,), FRAMES, tmp_path, "", {}
    )
    tools = AuditTools(backtester, FakeNarrator(), MARKETS, "d", Cutting(), b"s" * 32, tmp_path, at_once=1)
    assert audited(item, job, answer(failure=Failure("KeyError", "x")), tools).findings == ()
