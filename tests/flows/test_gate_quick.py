"""The quick look: it says whether a strategy works, and nothing that could be taken for a verdict."""

from pathlib import Path

import pytest

from pipeline.domain.job import BacktestResult, Failure, Job, Measured
from pipeline.domain.quick import MOST_PAIRS
from pipeline.domain.verdict import Finding, Outcome
from pipeline.errors import ConfigError, ToolFailed, UsageError
from pipeline.flows.gate_quick import quick
from pipeline.flows.gate_select import Entrant
from tests.fakes import FakeBacktester, FakeCandles, FakeLineages, FakeLinter, hourly
from tests.flows.gate_ground import FILES, answering, bench, candidate, reasons


def test_a_strategy_that_would_pass_is_inconclusive_and_shows_no_profit(tmp_path: Path) -> None:
    lineages = FakeLineages()
    engine = FakeBacktester(answering(0.02))
    gated = quick((Entrant(candidate()),), bench(engine, tmp_path, lineages=lineages))
    assert gated.outcome is Outcome.INCONCLUSIVE
    assert "It runs and trades (3 trades on the last tenth of the data). A quick look judges nothing." in reasons(gated)
    evidence = gated.judgements[0].evidence
    assert {m.metric for m in evidence.measurements} == {"trades"}
    assert (evidence.windows, dict(gated.pictures)) == ((), {})
    assert lineages.seen == set(), "who sees no profit has made no attempt"


def test_it_runs_one_short_window_on_a_few_pairs(tmp_path: Path) -> None:
    engine = FakeBacktester(answering(0.02))
    made = bench(engine, tmp_path)
    frames = {(f"C{n}/USDT", "1h"): hourly() for n in range(9)}
    files = {**FILES, "strategy.yml": b"class: Sample\n"}
    from dataclasses import replace

    made = replace(made, ground=replace(made.ground, candles=FakeCandles(frames)))
    quick((Entrant(candidate(files)),), made)
    (job,) = engine.jobs
    assert len(job.pairs) == MOST_PAIRS
    (window,) = job.windows
    assert (window.end - window.start).days == 3
    assert set(job.tasks) == {"behaviour", "contract", "backtest"}


def test_no_trade_a_crash_a_dead_engine_and_a_lint_error_are_told(tmp_path: Path) -> None:
    def broken(job: Job) -> Measured:
        honest = answering(0.02)(job)
        failed = BacktestResult(job.windows[0].name, failure=Failure("KeyError", "'rsi'", "strategy.py", 13))
        return Measured((failed,), honest.behaviour, honest.versions, honest.isolation)

    bad = FakeLinter((Finding("lint", "E999", Outcome.FAIL, "This cannot be parsed."),))
    told = {}
    for name, engine, linter in (
        ("none", FakeBacktester(answering(0.02, count=0)), None),
        ("crash", FakeBacktester(broken), None),
        ("dead", FakeBacktester(lambda _: ToolFailed("the engine's process was ended by signal 9")), None),
        ("lint", FakeBacktester(answering(0.02)), bad),
    ):
        (tmp_path / name).mkdir()
        gated = quick((Entrant(candidate()),), bench(engine, tmp_path / name, linter=linter))
        told[name] = (gated.outcome, reasons(gated))
    assert told["none"][0] is Outcome.INCONCLUSIVE
    assert "made no trade on the last tenth" in told["none"][1]
    assert told["crash"][0] is Outcome.ERROR
    assert "KeyError: 'rsi'" in told["crash"][1]
    assert told["dead"][0] is Outcome.ERROR
    assert "signal 9" in told["dead"][1]
    assert told["lint"][0] is Outcome.FAIL
    assert told["lint"][1] == "This cannot be parsed."


def test_nothing_to_look_at_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no strategy to look at"):
        quick((), bench(FakeBacktester(answering(0.02)), tmp_path))


def test_what_the_description_asks_for_wrongly_is_told_as_the_gate_tells_it(tmp_path: Path) -> None:
    wrong = candidate({**FILES, "strategy.yml": b"class: Sample\npairs: [DOGE/USDT]\n"}, pairs=("DOGE/USDT",))
    with pytest.raises(ConfigError, match="DOGE/USDT"):
        quick((Entrant(wrong),), bench(FakeBacktester(answering(0.02)), tmp_path))
