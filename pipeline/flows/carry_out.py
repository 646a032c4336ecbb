"""A plan is carried out: intent into the ledger before each step, outcome after it; a step that fails is followed by the way back."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.train.movements import Purpose, StepBegan, StepEnded
from pipeline.domain.train.plan import Plan, undo
from pipeline.domain.train.plan_facts import closing, opening
from pipeline.domain.train.steps import Step, StepKind
from pipeline.errors import FreqtrainError, Refused, ToolFailed, Undone
from pipeline.flows.road import Road
from pipeline.flows.steps import Carried, do

HARMLESS = frozenset({StepKind.PREFLIGHT, StepKind.REPORT_OPEN_TRADES})
"""Steps that only look: where one of them says no, nothing has changed."""

TAKEN_BACK = frozenset({Purpose.DEPLOY, Purpose.ROLL_BACK, Purpose.RESUME, Purpose.DRAIN})


@dataclass(frozen=True, slots=True)
class _Failure(Exception):
    """A step that failed, with its place in the plan."""

    number: int
    step: Step
    error: FreqtrainError


def carry_out(plan: Plan, road: Road, by: str, adopt_from: Path | None = None) -> None:
    """Carry a plan out to its end. Nothing happens where it has no steps; `adopt_from` is the database that is taken over.

    Raises:
        Refused: the preflight said no, or the environment left this device; nothing has changed.
        Undone: a later step failed, and what ran before runs again.
        ToolFailed: a step failed, and what ran before could not be brought back; entries stay stopped.
    """
    if not plan.steps:
        road.narrator.say(f"{plan.strategy}: {plan.reason}; nothing is to be done")
        return
    road.demand_here()
    try:
        _walk(plan, road, by, adopt_from)
    except _Failure as failure:
        told = f"{plan.strategy}: {failure.step}: {failure.error.message}"
        if plan.purpose not in TAKEN_BACK:
            raise ToolFailed(told, hint=failure.error.hint or "freqtrain converge tries again") from failure.error
        road.narrator.say(f"{told}; going back")
        _take_back(plan, road, by, failure)
        if all(step.kind in HARMLESS for step in plan.steps[: failure.number + 1]):
            raise Refused(told, hint=failure.error.hint) from failure.error
        raise Undone(f"{told}; what ran before runs again", hint=failure.error.hint) from failure.error


def _walk(plan: Plan, road: Road, by: str, adopt_from: Path | None = None) -> None:
    road.record(opening(plan, road.state().of(plan.strategy), by))
    carried = Carried(plan, adopt_from)
    for number, step in enumerate(plan.steps):
        if step.kind is StepKind.RECORD:
            known = road.state().of(plan.strategy)
            road.record(closing(plan, known, by, released=carried.released, down_seconds=carried.down_seconds))
            continue
        road.narrator.say(f"{plan.strategy}: {step}")
        try:
            road.record(StepBegan(plan.environment, plan.strategy, number, step))
            note = do(step, carried, road)
            skipped = step.kind is StepKind.RELEASE and not carried.released
            road.record(StepEnded(plan.environment, plan.strategy, number, step, note, skipped))
        except FreqtrainError as error:
            raise _Failure(number, step, error) from error
        except KeyboardInterrupt:
            after = f"`freqtrain converge {plan.environment}` ends it or takes it back"
            road.narrator.say(f"{plan.strategy}: interrupted at: {step}; {after}")
            raise


def _take_back(plan: Plan, road: Road, by: str, failure: _Failure) -> None:
    reason = f"{failure.step.kind.value} failed: {failure.error.message}"
    back = undo(road.seen(plan.strategy), road.state(), plan.strategy, reason)
    try:
        _walk(back, road, by)
    except _Failure as second:
        raise ToolFailed(
            f"{plan.strategy}: {failure.step}: {failure.error.message}; and the way back failed at: {second.step}: {second.error.message}",
            hint="entries stay stopped; freqtrain converge tries the way back again",
        ) from second.error
