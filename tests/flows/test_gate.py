"""The gate's flow, with fakes at its ports."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.domain.job import BacktestResult, Failure, Job, Measured
from pipeline.domain.policy import Threshold
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.domain.verdict import Finding, Outcome, Subject
from pipeline.errors import ConfigError, ToolFailed
from pipeline.flows.gate import Gated
from pipeline.flows.gate_select import Entrant
from tests.fakes import FakeBacktester, FakeLinter
from tests.flows.gate_ground import FILES, HOUR, SOURCE, TOGETHER, answering, candidate, reasons, run


def test_a_strategy_that_earns_passes_and_its_numbers_are_recomputed(tmp_path: Path) -> None:
    gated = run(FakeBacktester(answering(0.02)), tmp_path)
    assert gated.outcome is Outcome.PASS, reasons(gated)
    values = {
        (m.window, m.metric): m.value
        for m in gated.judgements[0].evidence.measurements
        if m.subject is Subject.CANDIDATE
    }
    assert values["one", "profit_total_ratio"] == pytest.approx(3 * 20 / 10_000)
    assert values["all together", "trades"] == 6
    assert len(gated.pictures["sample"]) == 2


def test_a_strategy_that_loses_fails(tmp_path: Path) -> None:
    gated = run(FakeBacktester(answering(-0.02)), tmp_path)
    assert gated.outcome is Outcome.FAIL
    assert "Profit is -1.20 % over all windows; it must be above 0.00 %." in reasons(gated)


def test_the_engine_gets_the_candidates_files_and_nothing_else(tmp_path: Path) -> None:
    backtester = FakeBacktester(answering(0.02))
    run(backtester, tmp_path)
    (job,) = backtester.jobs
    assert backtester.files[job.identity] == FILES
    assert job.pairs == ("ETH/USDT", "BTC/USDT") or job.pairs == ("BTC/USDT", "ETH/USDT")


def test_lint_errors_keep_the_code_from_running(tmp_path: Path) -> None:
    backtester = FakeBacktester(answering(0.02))
    bad = FakeLinter((Finding("lint", "E999", Outcome.FAIL, "This cannot be parsed."),))
    gated = run(backtester, tmp_path, linter=bad)
    assert backtester.jobs == []
    assert gated.outcome is Outcome.FAIL
    assert reasons(gated) == "This cannot be parsed."


def test_a_balance_that_the_trades_do_not_explain_fails(tmp_path: Path) -> None:
    def lying(job: Job) -> Measured:
        honest = answering(0.02)(job)
        first = replace(honest.backtests[0], ending_balance=12_000.0)
        return replace(honest, backtests=(first, *honest.backtests[1:]))

    gated = run(FakeBacktester(lying), tmp_path)
    assert gated.outcome is Outcome.FAIL
    assert "they are not the trades that were made" in reasons(gated)


def test_a_window_that_began_late_is_an_error(tmp_path: Path) -> None:
    def late(job: Job) -> Measured:
        honest = answering(0.02)(job)
        first = replace(honest.backtests[0], started_at=job.windows[0].start + HOUR)
        return replace(honest, backtests=(first, *honest.backtests[1:]))

    gated = run(FakeBacktester(late), tmp_path)
    assert gated.outcome is Outcome.ERROR
    assert "too few candles before it" in reasons(gated)


def test_a_strategy_that_raises_in_one_window_is_an_error_with_its_line(tmp_path: Path) -> None:
    def raising(job: Job) -> Measured:
        honest = answering(0.02)(job)
        broken = BacktestResult(job.windows[1].name, failure=Failure("KeyError", "'rsi'", "strategy.py", 13))
        return replace(honest, backtests=(honest.backtests[0], broken))

    gated = run(FakeBacktester(raising), tmp_path)
    assert gated.outcome is Outcome.ERROR
    finding = gated.judgements[0].verdict.reasons()[0]
    assert (finding.reason, str(finding.place)) == ("The strategy raised KeyError: 'rsi'", "strategy.py:13")


def test_an_engine_that_dies_is_an_error_of_that_strategy_alone(tmp_path: Path) -> None:
    def sometimes(job: Job) -> Measured | ToolFailed:
        return (
            ToolFailed("the engine's process was ended by signal 9")
            if Path(job.strategy_dir).name == "other"
            else answering(0.02)(job)
        )

    other = Candidate(StrategySpec("other", "Sample"), FILES, "strategies/other")
    gated = run(FakeBacktester(sometimes), tmp_path, Entrant(candidate()), Entrant(other))
    assert [judgement.verdict.outcome for judgement in gated.judgements] == [Outcome.PASS, Outcome.ERROR]
    assert "signal 9" in reasons(gated)


def test_an_interrupt_stops_the_engine_and_goes_on_up(tmp_path: Path) -> None:
    def interrupted(_job: Job) -> Measured:
        raise KeyboardInterrupt

    backtester = FakeBacktester(interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(backtester, tmp_path)
    assert backtester.stopped


def test_pairs_and_timeframes_that_the_data_lack_are_all_named_before_any_work(tmp_path: Path) -> None:
    backtester = FakeBacktester(answering(0.02))
    files = {**FILES, "strategy.yml": b"class: Sample\ntimeframe: 1h\npairs:\n  - BTC/USDT\n  - DOGE/USDT\n"}
    short = {**FILES, "strategy.yml": b"class: Sample\ntimeframe: 1m\n"}
    other = Candidate(StrategySpec("other", "Sample", timeframe="1m"), short, "strategies/other")
    with pytest.raises(ConfigError) as caught:
        run(
            backtester,
            tmp_path,
            Entrant(candidate(files, timeframe="1h", pairs=("BTC/USDT", "DOGE/USDT"))),
            Entrant(other),
        )
    assert [problem.where() for problem in caught.value.problems] == [
        "strategies/sample/strategy.yml:5:5",
        "strategies/other/strategy.yml:2:1",
    ]
    assert backtester.jobs == []


def test_start_up_candles_that_the_data_lack_are_an_error(tmp_path: Path) -> None:
    files = {**FILES, "strategy.py": SOURCE.replace(b"startup_candle_count = 0", b"startup_candle_count = 400")}
    gated = run(FakeBacktester(answering(0.02)), tmp_path, Entrant(candidate(files)))
    assert gated.outcome is Outcome.ERROR
    assert "needs 400 start-up candles of 1h before window 'one'" in reasons(gated)


def test_a_threshold_relative_to_the_incumbent_compares_with_it(tmp_path: Path) -> None:
    def both(job: Job) -> Measured:
        return answering(0.03 if Path(job.strategy_dir).parent.name == "incumbent" else 0.02)(job)

    better = (Threshold("profit_total_ratio", TOGETHER, at_least=0.0, relative_to=Subject.INCUMBENT),)
    before = candidate({**FILES, "strategy.py": SOURCE + b"# before\n"})
    gated = run(FakeBacktester(both), tmp_path, Entrant(candidate(), before, "strategy.py changed"), thresholds=better)
    assert gated.outcome is Outcome.FAIL
    assert "below the incumbent's" in reasons(gated)
    assert gated.judgements[0].incumbent is not None
    assert gated.pictures["sample"][0].incumbent is not None


def test_an_unchanged_strategy_is_its_own_incumbent_and_runs_once(tmp_path: Path) -> None:
    backtester = FakeBacktester(answering(0.02))
    equal = (Threshold("profit_total_ratio", TOGETHER, at_least=0.0, relative_to=Subject.INCUMBENT),)
    gated = run(backtester, tmp_path, Entrant(candidate(), candidate(), "pins changed"), thresholds=equal)
    assert gated.outcome is Outcome.PASS, reasons(gated)
    assert len(backtester.jobs) == 1


def test_a_broken_incumbent_does_not_hold_up_its_repair(tmp_path: Path) -> None:
    def only_new(job: Job) -> Measured | ToolFailed:
        return ToolFailed("died") if Path(job.strategy_dir).parent.name == "incumbent" else answering(0.02)(job)

    better = (
        Threshold("profit_total_ratio", TOGETHER, above=0.0),
        Threshold("profit_total_ratio", TOGETHER, at_least=0.0, relative_to=Subject.INCUMBENT),
    )
    before = candidate({**FILES, "strategy.py": SOURCE + b"# before\n"})
    gated = run(FakeBacktester(only_new), tmp_path, Entrant(candidate(), before), thresholds=better)
    assert gated.outcome is Outcome.PASS, reasons(gated)
    warnings = [f.reason for f in gated.judgements[0].verdict.findings if f.warning]
    assert any("There is no incumbent to compare with" in text for text in warnings)


def test_the_earlier_judges_no_counts(tmp_path: Path) -> None:
    no = Finding("earlier judge", "earlier-judge", Outcome.FAIL, "the judge as it was says FAIL")
    gated = run(FakeBacktester(answering(0.02)), tmp_path, opinions={"sample": no})
    assert gated.outcome is Outcome.FAIL


def test_equal_content_has_an_equal_identity_and_any_difference_another(tmp_path: Path) -> None:
    def identity(folder: str, **changes: object) -> str:
        backtester = FakeBacktester(answering(0.02))
        files = changes.pop("files", FILES)
        run(backtester, tmp_path / folder, Entrant(candidate(files, **changes)))  # type: ignore[arg-type]
        return backtester.jobs[0].identity

    assert identity("a") == identity("b")
    assert identity("c", files={**FILES, "strategy.py": SOURCE + b"# other\n"}) != identity("a")
    assert identity("d", pairs=("BTC/USDT",)) != identity("a")


def test_nothing_to_judge_is_a_pass_without_judgements(tmp_path: Path) -> None:
    assert Gated((), {}).outcome is Outcome.PASS
