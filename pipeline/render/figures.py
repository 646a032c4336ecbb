"""The numbers of a judgement, looked up by subject, window and metric, in the order in which people read them."""

import math
from collections.abc import Iterable, Mapping

from pipeline.domain.evidence import Judgement
from pipeline.domain.metrics import METRICS
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome, Subject
from pipeline.domain.words import number

Figures = Mapping[tuple[Subject, str, str], float]
"""(subject, window, metric) -> value."""

NOTHING = "–"
"""What stands where there is no number."""


def figures(judgement: Judgement) -> dict[tuple[Subject, str, str], float]:
    """Every measurement of the candidate, the market and, where there is one, the incumbent."""
    table = {(m.subject, m.window, m.metric): m.value for m in judgement.evidence.measurements}
    if judgement.incumbent is not None:
        for m in judgement.incumbent.measurements:
            if m.subject is not Subject.MARKET:
                table.setdefault((Subject.INCUMBENT, m.window, m.metric), m.value)
    return table


def measurements(judgement: Judgement) -> tuple[Measurement, ...]:
    """The same as measurements, in reading order."""
    table = figures(judgement)
    return tuple(
        Measurement(metric, table[subject, window, metric], window, subject)
        for subject, window, metric in _sorted(table)
    )


def subjects(judgement: Judgement) -> tuple[Subject, ...]:
    """Whose numbers there are: the candidate, the incumbent if there is one, the market."""
    found = {subject for subject, _, _ in figures(judgement)}
    return tuple(subject for subject in Subject if subject in found or subject is Subject.CANDIDATE)


def windows(judgement: Judgement) -> tuple[str, ...]:
    """The names of the windows in order of time, without "all together"."""
    named = [item.window.name for item in sorted(judgement.evidence.windows, key=lambda w: w.window.start)]
    measured = [window for _, window, _ in figures(judgement) if window != ALL_WINDOWS]
    return tuple(dict.fromkeys(named + measured))


def said(table: Figures, subject: Subject, window: str, metric: str, *, signed: bool = False) -> str:
    """A number with its unit, "∞", or a dash where it was not measured or has no answer; never "-0.00"."""
    return say(metric, table.get((subject, window, metric), math.nan), signed=signed)


def say(metric: str, value: float, *, signed: bool = False) -> str:
    """As `said`, for a value at hand."""
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = number(metric, value, signed=signed)
    return text[1:] if text.startswith("-") and not text.strip("-0. %") else text


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by check, in the order in which the checks were made, and within a check by place."""
    findings = list(findings)
    checks = list(dict.fromkeys(finding.check for finding in findings))
    return sorted(
        findings,
        key=lambda f: (checks.index(f.check), (f.place.file, f.place.line, f.place.column) if f.place else ("", 0, 0)),
    )


def shortcomings(judgement: Judgement) -> list[Finding]:
    """Everything that did not pass: what decided first, then what would have held it up anyway."""
    return sorted(
        in_order(f for f in judgement.verdict.findings if f.outcome is not Outcome.PASS), key=lambda f: -f.outcome
    )


def warnings(judgement: Judgement) -> list[Finding]:
    """What is worth knowing and stops nothing."""
    return in_order(f for f in judgement.verdict.findings if f.warning)


def _sorted(keys: Iterable[tuple[Subject, str, str]]) -> list[tuple[Subject, str, str]]:
    subject_order, metric_order = list(Subject), list(METRICS)
    keys = list(keys)
    window_order = list(dict.fromkeys(window for _, window, _ in keys))
    return sorted(
        keys,
        key=lambda key: (
            subject_order.index(key[0]),
            key[1] == ALL_WINDOWS,
            window_order.index(key[1]),
            metric_order.index(key[2]) if key[2] in metric_order else len(metric_order),
            key[2],
        ),
    )
