"""What the gate's flow does about luck: attempts are counted, numbers measured, and doubts never pass for certainty."""

from dataclasses import replace
from pathlib import Path

from pipeline.domain.environment import Slippage
from pipeline.domain.job import BacktestResult, Failure, Job, Measured
from pipeline.domain.lineage import Optimisation
from pipeline.domain.policy import Threshold
from pipeline.domain.robustness import ROBUSTNESS
from pipeline.domain.verdict import Outcome
from pipeline.errors import Refused
from pipeline.flows.gate import Gated, gate
from pipeline.flows.gate_select import Entrant
from tests.fakes import FakeBacktester, FakeLineages, FakeLinter
from tests.flows.gate_ground import CHECKS, FILES, TOGETHER, answering, bench, candidate, reasons, trade
from tests.flows.gate_ground import run as run_gate

WITH_LUCK = (*CHECKS, ROBUSTNESS)


def varied(job: Job) -> Measured:
    """Trades that mostly win, each another amount."""
    honest = answering(0.02)(job)
    results = []
    for window in job.windows:
        one = honest.backtests[0]
        start = window.start
        trades = tuple(
            trade(
                start + 4 * number * (one.trades[0].closed_at - one.trades[0].opened_at), 0.03 - 0.001 * (number % 40)
            )
            for number in range(20)
        )
        balance = job.account.wallet + sum(t.profit for t in trades)
        results.append(BacktestResult(window.name, trades, balance, start))
    return Measured(tuple(results), honest.behaviour, honest.versions, honest.isolation)


def values(gated: Gated) -> dict[str, float]:
    return {m.metric: m.value for m in gated.judgements[0].evidence.measurements if m.window == "all together"}


def test_attempts_are_counted_and_what_could_be_luck_is_measured(tmp_path: Path) -> None:
    lineages = FakeLineages(before=6)
    demand = Threshold("profit_fees_doubled_ratio", TOGETHER, above=0.0)
    made = bench(FakeBacktester(varied), tmp_path, checks=WITH_LUCK, thresholds=[demand], lineages=lineages)
    gated = gate((Entrant(candidate()),), made, {})
    assert gated.outcome is Outcome.PASS, reasons(gated)
    assert values(gated)["attempts"] == 7
    assert values(gated)["profit_fees_doubled_ratio"] > 0
    assert 0.5 < values(gated)["deflated_sharpe_ratio"] <= 1
    assert ROBUSTNESS in [check.name for check in gated.judgements[0].evidence.checks]


def test_what_bots_were_seen_to_lose_is_told_with_its_source(tmp_path: Path) -> None:
    made = bench(FakeBacktester(varied), tmp_path, checks=WITH_LUCK)
    environment = replace(made.ground.environment, slippage=Slippage(0.0008, "sandbox, 412 trades"))
    gated = gate((Entrant(candidate()),), replace(made, ground=replace(made.ground, environment=environment)), {})
    (check,) = [one for one in gated.judgements[0].evidence.checks if one.name == ROBUSTNESS]
    told = "Bots lost 0.080 % on an order (sandbox, 412 trades): half a spread counts as that much at the least."
    assert told in [finding.reason for finding in check.findings]


def test_more_attempts_make_the_same_trades_less_convincing(tmp_path: Path) -> None:
    sure = []
    for before in (0, 500):
        (tmp_path / str(before)).mkdir()
        lineages = FakeLineages(before=before)
        made = bench(FakeBacktester(varied), tmp_path / str(before), checks=WITH_LUCK, lineages=lineages)
        sure.append(values(gate((Entrant(candidate()),), made, {}))["deflated_sharpe_ratio"])
    assert sure[1] < sure[0]


def test_the_epochs_of_hyperopt_count_for_the_strategy_that_they_were_given_for(tmp_path: Path) -> None:
    made = bench(FakeBacktester(varied), tmp_path, checks=WITH_LUCK)
    made = replace(made, optimisations={"sample": Optimisation("sha256:" + "0" * 64, 300)})
    assert values(gate((Entrant(candidate()),), made, {}))["attempts"] == 301


def test_attempts_that_cannot_be_counted_are_an_error_and_never_pass(tmp_path: Path) -> None:
    lineages = FakeLineages(fault=Refused("the lineage was edited", hint="put it back"))
    gated = gate(
        (Entrant(candidate()),), bench(FakeBacktester(varied), tmp_path, checks=WITH_LUCK, lineages=lineages), {}
    )
    assert gated.outcome is Outcome.ERROR
    assert "The attempts could not be counted: the lineage was edited. put it back" in reasons(gated)


def test_who_was_measured_has_made_an_attempt_though_the_policy_asks_nothing_about_luck(tmp_path: Path) -> None:
    lineages = FakeLineages()
    gate((Entrant(candidate()),), bench(FakeBacktester(varied), tmp_path, lineages=lineages), {})
    assert lineages.seen == {candidate().content_digest}


def test_who_was_not_measured_in_every_window_has_learnt_nothing_and_is_not_counted(tmp_path: Path) -> None:
    def half(job: Job) -> Measured:
        honest = varied(job)
        broken = BacktestResult(job.windows[1].name, failure=Failure("KeyError", "'x'", "strategy.py", 1))
        return Measured((honest.backtests[0], broken), honest.behaviour, honest.versions, honest.isolation)

    lineages = FakeLineages()
    made = bench(FakeBacktester(half), tmp_path, checks=WITH_LUCK, lineages=lineages)
    gated = gate((Entrant(candidate()),), made, {})
    assert gated.outcome is Outcome.ERROR
    assert lineages.seen == set()
    assert "robustness" not in reasons(gated), "one ERROR with its reason is enough"


def test_lint_errors_are_no_attempt(tmp_path: Path) -> None:
    from pipeline.domain.verdict import Finding

    lineages = FakeLineages()
    bad = FakeLinter((Finding("lint", "E999", Outcome.FAIL, "This cannot be parsed."),))
    made = bench(FakeBacktester(varied), tmp_path, checks=WITH_LUCK, linter=bad, lineages=lineages)
    assert gate((Entrant(candidate()),), made, {}).outcome is Outcome.FAIL
    assert lineages.seen == set()


def test_identical_trades_one_trade_and_none_are_never_a_pass(tmp_path: Path) -> None:
    demand = Threshold("deflated_sharpe_ratio", TOGETHER, at_least=0.98)
    for count in (0, 1, 3):
        folder = tmp_path / str(count)
        folder.mkdir()
        engine = FakeBacktester(answering(0.02, count))
        gated = run_gate(engine, folder, checks=WITH_LUCK, thresholds=(demand,))
        assert gated.outcome is Outcome.INCONCLUSIVE, reasons(gated)
        assert "luck cannot be told" in " ".join(
            finding.reason for check in gated.judgements[0].evidence.checks for finding in check.findings
        )
    assert FILES
