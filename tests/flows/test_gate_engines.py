"""A gate whose change pins another engine: what is replaced runs on the earlier one, and the trades that changed are told."""

from dataclasses import replace
from pathlib import Path

from pipeline.domain.job import Job, Measured
from pipeline.domain.verdict import Outcome
from pipeline.errors import ToolFailed
from pipeline.flows.gate import Gated, gate
from pipeline.flows.gate_measure import EarlierEngine
from pipeline.flows.gate_select import Entrant
from pipeline.render import trade_differences
from tests.fakes import FakeBacktester
from tests.flows.gate_ground import FILES, answering, bench, candidate

CHANGES = {"freqtrade": ("2026.8", "2026.9")}


def bumped(now: FakeBacktester, then: FakeBacktester, scratch: Path, entrant: Entrant | None = None) -> Gated:
    earlier = EarlierEngine(then, {"judging code": "x", "freqtrade": "2026.8"}, CHANGES)
    made = replace(bench(now, scratch), earlier=earlier)
    return gate((entrant or Entrant(candidate(), candidate()),), made, {})


def told(gated: Gated) -> list[tuple[Outcome, bool, str]]:
    (check,) = [check for check in gated.judgements[0].evidence.checks if check.name == "engines"]
    return [(finding.outcome, finding.warning, finding.reason) for finding in check.findings]


def test_an_unchanged_strategy_runs_on_both_engines_and_nothing_is_remembered_across_them(tmp_path: Path) -> None:
    now, then = FakeBacktester(answering(0.02)), FakeBacktester(answering(0.02))
    gated = bumped(now, then, tmp_path)
    assert (len(now.jobs), len(then.jobs)) == (1, 1)
    assert now.jobs[0].identity != then.jobs[0].identity
    assert then.files[then.jobs[0].identity] == FILES
    assert gated.outcome is Outcome.PASS
    assert told(gated) == [
        (Outcome.PASS, False, "The engine changed (freqtrade 2026.8 -> 2026.9), and all 6 trades are the same.")
    ]
    assert trade_differences.rows(gated.judgements[0]) == ()


def test_trades_that_changed_are_told_shown_and_no_reason_to_fail(tmp_path: Path) -> None:
    gated = bumped(FakeBacktester(answering(0.02)), FakeBacktester(answering(0.01, count=4)), tmp_path)
    assert gated.outcome is Outcome.PASS
    assert [(outcome, warning) for outcome, warning, _ in told(gated)] == [(Outcome.PASS, True)] * 2
    assert "freqtrade 2026.8 -> 2026.9), and trades with it: 4 of 4 are others" in told(gated)[0][2]
    rows = trade_differences.rows(gated.judgements[0])
    assert len(rows) == 8
    assert {row[0] for row in rows} == {"one", "two"}
    assert any(row[2] == "no trade" for row in rows)


def test_demands_against_the_incumbent_are_judged_against_its_numbers_on_the_earlier_engine(tmp_path: Path) -> None:
    gated = bumped(FakeBacktester(answering(0.02)), FakeBacktester(answering(0.01)), tmp_path)
    incumbent = gated.judgements[0].incumbent
    assert incumbent is not None
    assert incumbent.windows[0].trades[0].profit_ratio == 0.01


def test_a_new_strategy_has_nothing_to_compare_with(tmp_path: Path) -> None:
    then = FakeBacktester(answering(0.02))
    gated = bumped(FakeBacktester(answering(0.02)), then, tmp_path, Entrant(candidate()))
    assert then.jobs == []
    assert "engines" not in [check.name for check in gated.judgements[0].evidence.checks]


def test_a_candidate_that_does_not_run_on_the_new_engine_is_an_error(tmp_path: Path) -> None:
    def broken(_job: Job) -> ToolFailed:
        return ToolFailed("the engine's process ended with exit code 1")

    gated = bumped(FakeBacktester(broken), FakeBacktester(answering(0.02)), tmp_path)
    assert gated.outcome is Outcome.ERROR
    assert "cannot be told" in told(gated)[0][2]


def test_an_interrupt_stops_both_engines(tmp_path: Path) -> None:
    def interrupted(_job: Job) -> Measured:
        raise KeyboardInterrupt

    now, then = FakeBacktester(interrupted), FakeBacktester(interrupted)
    try:
        bumped(now, then, tmp_path)
    except KeyboardInterrupt:
        assert (now.stopped, then.stopped) == (True, True)
    else:
        raise AssertionError("the interrupt was swallowed")
