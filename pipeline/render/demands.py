"""The policy beside what was measured: each threshold with what it needs, what there was, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.evidence import Judgement
from pipeline.domain.judge import judge
from pipeline.domain.policy import Policy, Span, Threshold
from pipeline.domain.verdict import ALL_WINDOWS, Outcome, Subject
from pipeline.domain.words import metric_title, number
from pipeline.render.figures import Figures, figures, measurements, said, windows


@dataclass(frozen=True, slots=True)
class Actual:
    """What was measured in one window, and against what; `outcome` is None where only several windows together decide."""

    window: str
    value: str
    reference: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Demand:
    """One threshold and what came of it; `reason` is the judge's own words where it did not pass."""

    metric: str
    title: str
    scope: str
    needed: str
    actual: tuple[Actual, ...]
    outcome: Outcome
    reason: str


def demands(judgement: Judgement) -> tuple[Demand, ...]:
    """Every threshold of the policy, judged alone by the same judge."""
    table, named, numbers = figures(judgement), windows(judgement), measurements(judgement)
    made = []
    for threshold in judgement.policy.thresholds:
        verdict = judge((), numbers, Policy((), (threshold,)))
        outcomes = {finding.window: finding.outcome for finding in verdict.findings if finding.window}
        spans = (ALL_WINDOWS,) if threshold.scope.span is Span.ALL_TOGETHER else named
        made.append(
            Demand(
                metric=threshold.metric,
                title=metric_title(threshold.metric),
                scope=_scope(threshold),
                needed=needed(threshold),
                actual=tuple(_actual(threshold, table, window, outcomes.get(window)) for window in spans),
                outcome=verdict.outcome,
                reason=" ".join(finding.reason for finding in verdict.reasons()),
            )
        )
    return tuple(made)


def needed(threshold: Threshold) -> str:
    """The bounds of a threshold: "≥ 1.10, on at least 30 trades"."""
    bounds: Sequence[tuple[str, float | None]] = (
        (">", threshold.above),
        ("≥", threshold.at_least),
        ("<", threshold.below),
        ("≤", threshold.at_most),
    )
    relative = threshold.relative_to is not None
    words = [
        f"{sign} {number(threshold.metric, value, signed=relative)}" for sign, value in bounds if value is not None
    ]
    told = " and ".join(words)
    if threshold.relative_to is not None:
        told = f"{told.replace(' %', ' points')} against the {threshold.relative_to}"
    if threshold.minimum_trades:
        told += f", on at least {threshold.minimum_trades} trades"
    return told


def _scope(threshold: Threshold) -> str:
    if threshold.scope.span is Span.ALL_TOGETHER:
        return ALL_WINDOWS
    return "each window" if threshold.scope.span is Span.EACH else f"{threshold.scope} windows"


def _actual(threshold: Threshold, table: Figures, window: str, outcome: Outcome | None) -> Actual:
    value = said(table, Subject.CANDIDATE, window, threshold.metric)
    other = threshold.relative_to
    reference = f"{other}: {said(table, other, window, threshold.metric)}" if other is not None else ""
    return Actual(window, value, reference, outcome)
