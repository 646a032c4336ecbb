"""How a run of the gate ended, and what it says of itself."""

from dataclasses import replace

import pytest

from pipeline.domain.gate_account import TOLD, Ending, GateAccount, StrategyAccount, ending_of
from pipeline.domain.github import WorkflowJob
from pipeline.domain.metrics import METRICS
from pipeline.domain.verdict import Outcome
from pipeline.render.summary import COLUMNS
from tests.render.test_gate_comment import RUN


def jobs(*conclusions: str, name: str = "gate") -> list[WorkflowJob]:
    return [WorkflowJob(1, name, "completed", one, (), "", "") for one in conclusions]


@pytest.mark.parametrize(
    ("run", "check", "ending"),
    [
        ("success", ("success",), Ending.PASSED),
        ("failure", ("success",), Ending.PASSED),  # another job's end is not the check's
        ("failure", ("failure",), Ending.RED),
        ("success", ("failure",), Ending.RED),
        ("success", ("success", "failure"), Ending.RED),
        ("success", ("success", "skipped"), Ending.NO_VERDICT),
        ("cancelled", ("failure",), Ending.CANCELLED),
        ("cancelled", (), Ending.CANCELLED),
        ("failure", ("cancelled",), Ending.CANCELLED),
        ("action_required", (), Ending.WAITS),
        ("failure", ("timed_out",), Ending.NO_VERDICT),
        ("success", ("skipped",), Ending.NO_VERDICT),
        ("success", ("",), Ending.NO_VERDICT),
        ("success", (), Ending.NO_VERDICT),
    ],
)
def test_the_checks_own_end_is_the_verdict(run: str, check: tuple[str, ...], ending: Ending) -> None:
    assert ending_of(replace(RUN, conclusion=run), jobs(*check)) is ending


def test_other_jobs_do_not_count() -> None:
    assert ending_of(replace(RUN, conclusion="success"), jobs("success", name="gate ")) is Ending.NO_VERDICT


def test_the_worst_decides_and_a_problem_is_an_error_at_least() -> None:
    def strategy(outcome: Outcome) -> StrategyAccount:
        return StrategyAccount("a", outcome, (), ())

    assert GateAccount((), (), False).outcome is Outcome.PASS
    assert GateAccount((strategy(Outcome.PASS),), ("x",), False).outcome is Outcome.ERROR
    assert GateAccount((strategy(Outcome.FAIL), strategy(Outcome.PASS)), ("x",), False).outcome is Outcome.FAIL


def test_every_column_of_the_table_is_told() -> None:
    assert set(TOLD) == {metric for _, metric, _ in COLUMNS} | {"attempts"}
    assert set(TOLD) <= METRICS.keys()
