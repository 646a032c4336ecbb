"""The one function that judges: evidence and a policy in, a verdict out. What could not be measured never passes."""

import math
from collections.abc import Iterable, Iterator

from pipeline.domain.evidence import CheckResult
from pipeline.domain.policy import Policy, Span, Threshold
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome, Subject, Verdict
from pipeline.domain.words import in_window, metric_title, number

JUDGE = "judge"
"""The name under which the judge's own findings stand."""


def judge(checks: Iterable[CheckResult], measurements: Iterable[Measurement], policy: Policy) -> Verdict:
    """Apply a policy to what was found and measured.

    Every finding of every check counts; a check that the policy names and nobody made is an ERROR; each threshold adds one finding per
    number it judges. A number that is missing, in any window in which anything was measured, or that was measured twice with different
    results, is an ERROR; one that is NaN or infinite, or rests on fewer trades than the threshold needs, is INCONCLUSIVE. A policy that
    demands nothing is INCONCLUSIVE.
    """
    made = tuple(checks)
    table, ambiguous = _tabulate(measurements)
    windows = tuple(dict.fromkeys(window for _, window, _ in table if window != ALL_WINDOWS))
    findings = [finding for check in made for finding in check.findings] + ambiguous
    names = {check.name for check in made}
    findings += [
        Finding(JUDGE, name, Outcome.ERROR, f"The check '{name}' was not made, and the policy demands it.")
        for name in policy.checks
        if name not in names
    ]
    if policy.thresholds and not table:
        reason = f"Nothing was measured, so none of the {len(policy.thresholds)} thresholds could be judged."
        findings.append(Finding(JUDGE, "measurements", Outcome.ERROR, reason))
    else:
        findings += [finding for threshold in policy.thresholds for finding in _apply(threshold, table, windows)]
    if not policy.checks and not policy.thresholds:
        findings.append(
            Finding(JUDGE, "policy", Outcome.INCONCLUSIVE, "The policy demands nothing, so nothing was judged.")
        )
    return Verdict(tuple(findings))


_Table = dict[tuple[Subject, str, str], float]


def _tabulate(measurements: Iterable[Measurement]) -> tuple[_Table, list[Finding]]:
    """The numbers by subject, window and metric, and an ERROR for each that was measured twice with different results."""
    table: _Table = {}
    ambiguous: list[Finding] = []
    for m in measurements:
        known = table.setdefault((m.subject, m.window, m.metric), m.value)
        if known != m.value and not (math.isnan(known) and math.isnan(m.value)):
            told = f"{_title(m.metric)} of the {m.subject} was measured twice{in_window(m.window)}, with different results."
            ambiguous.append(Finding(JUDGE, m.metric, Outcome.ERROR, told, window=m.window))
    return table, ambiguous


def _apply(threshold: Threshold, table: _Table, windows: tuple[str, ...]) -> Iterator[Finding]:
    if threshold.scope.span is Span.ALL_TOGETHER:
        yield _judge_one(threshold, table, ALL_WINDOWS)
        return
    if not windows:
        yield _finding(threshold, Outcome.ERROR, f"{_title(threshold.metric)} was not measured in any window.", "")
        return
    each = [_judge_one(threshold, table, window) for window in windows]
    if threshold.scope.span is Span.EACH:
        yield from each
    else:
        yield _count(threshold, each)


def _count(threshold: Threshold, each: list[Finding]) -> Finding:
    """At least k of n windows pass; undecided windows hold, unless even all of them could not make up the number."""
    k, n = threshold.scope.k, threshold.scope.n
    passed = sum(finding.outcome is Outcome.PASS for finding in each)
    failed = sum(finding.outcome is Outcome.FAIL for finding in each)
    title = _title(threshold.metric)
    if len(each) != n:
        told = f"{title} was to hold in {k} of {n} windows, but there are {len(each)}."
        return _finding(threshold, Outcome.ERROR, told, "")
    told = f"{title} meets the demand ({_demand(threshold)}) in {passed} of {n} windows; {k} are needed"
    details = " ".join(finding.reason for finding in each if finding.outcome is not Outcome.PASS)
    if passed >= k:
        return _finding(threshold, Outcome.PASS, f"{told}.", "")
    if n - failed < k:
        return _finding(threshold, Outcome.FAIL, f"{told}. {details}", "")
    return _finding(threshold, max(f.outcome for f in each if f.outcome is not Outcome.FAIL), f"{told}. {details}", "")


def _judge_one(threshold: Threshold, table: _Table, window: str) -> Finding:
    value = table.get((Subject.CANDIDATE, window, threshold.metric))
    if value is None:
        told = f"{_title(threshold.metric)} was not measured{in_window(window)}."
        return _finding(threshold, Outcome.ERROR, told, window)
    if threshold.minimum_trades:
        doubt = _too_few(threshold, table.get((Subject.CANDIDATE, window, "trades")), window)
        if doubt is not None:
            return doubt
    if threshold.relative_to is None:
        return _judge_number(threshold, value, window)
    other = table.get((threshold.relative_to, window, threshold.metric))
    if other is None:
        told = f"{_title(threshold.metric)} of the {threshold.relative_to} was not measured{in_window(window)}."
        return _finding(threshold, Outcome.ERROR, told, window)
    return _judge_difference(threshold, value, other, window)


def _too_few(threshold: Threshold, trades: float | None, window: str) -> Finding | None:
    """The finding that the number behind `threshold` rests on too few trades, or None."""
    where, needed = in_window(window), threshold.minimum_trades
    if trades is None:
        told = f"{_title('trades')} was not measured{where}, and {needed} are needed to judge the {metric_title(threshold.metric)}."
        return _finding(threshold, Outcome.ERROR, told, window)
    if math.isfinite(trades) and trades >= needed:
        return None
    counted = f"{trades:.0f}" if math.isfinite(trades) else "unknown"
    told = f"Not enough trades ({counted} of {needed}) to judge the {metric_title(threshold.metric)}{where}."
    return _finding(threshold, Outcome.INCONCLUSIVE, told, window)


def _judge_number(threshold: Threshold, value: float, window: str) -> Finding:
    title, where = _title(threshold.metric), in_window(window)
    if not math.isfinite(value):
        return _finding(
            threshold, Outcome.INCONCLUSIVE, f"{title} has no finite value{where}, so it decides nothing.", window
        )
    low = threshold.lower()
    if threshold.metric == "trades" and low is not None and _under(value, low):
        needed = math.floor(low[0]) + 1 if low[1] else math.ceil(low[0])
        return _finding(threshold, Outcome.INCONCLUSIVE, f"Not enough trades ({value:.0f} of {needed}){where}.", window)
    told = f"{title} is {_amount(threshold, value, value)}{where}"
    if missed := _missed(threshold, value):
        return _finding(threshold, Outcome.FAIL, f"{told}; it must be {missed}.", window)
    return _finding(threshold, Outcome.PASS, f"{told} ({_demand(threshold, value)}).", window)


def _judge_difference(threshold: Threshold, value: float, other: float, window: str) -> Finding:
    title, where, subject = _title(threshold.metric), in_window(window), threshold.relative_to
    both = f"{number(threshold.metric, value)} against {number(threshold.metric, other)}"
    difference = value - other
    if not math.isfinite(difference):
        told = f"{title} has no finite distance from the {subject}'s{where} ({both}), so it decides nothing."
        return _finding(threshold, Outcome.INCONCLUSIVE, told, window)
    side = "above" if difference >= 0 else "below"
    told = f"{title} is {_amount(threshold, abs(difference), abs(difference))} {side} the {subject}'s{where} ({both})"
    if missed := _missed(threshold, difference):
        return _finding(threshold, Outcome.FAIL, f"{told}; the difference must be {missed}.", window)
    return _finding(
        threshold, Outcome.PASS, f"{told}; the difference must be {_demand(threshold, difference)}.", window
    )


def _under(value: float, low: tuple[float, bool]) -> bool:
    return value <= low[0] if low[1] else value < low[0]


def _over(value: float, high: tuple[float, bool]) -> bool:
    return value >= high[0] if high[1] else value > high[0]


def _missed(threshold: Threshold, value: float) -> str:
    low, high = threshold.lower(), threshold.upper()
    if low and _under(value, low):
        return _bound(threshold, low, "low", value)
    if high and _over(value, high):
        return _bound(threshold, high, "high", value)
    return ""


def _demand(threshold: Threshold, value: float = math.nan) -> str:
    low, high = threshold.lower(), threshold.upper()
    words = [_bound(threshold, bound, side, value) for bound, side in ((low, "low"), (high, "high")) if bound]
    return " and ".join(words)


def _bound(threshold: Threshold, bound: tuple[float, bool], side: str, value: float) -> str:
    limit, strict = bound
    words = ("above" if strict else "at least") if side == "low" else ("below" if strict else "at most")
    return f"{words} {_amount(threshold, limit, value)}"


def _amount(threshold: Threshold, amount: float, value: float) -> str:
    """A number in the threshold's unit, with as many digits as it takes to tell the value judged from the bounds."""
    digits = next((d for d in (2, 4, 6, 8) if _tells_apart(threshold, value, d)), 12)
    text = number(threshold.metric, amount, digits=digits)
    return text.replace(" %", " points") if threshold.relative_to is not None else text


def _tells_apart(threshold: Threshold, value: float, digits: int) -> bool:
    limits = [bound[0] for bound in (threshold.lower(), threshold.upper()) if bound]
    said = number(threshold.metric, abs(value), digits=digits)
    return all(
        abs(limit) == abs(value) or number(threshold.metric, abs(limit), digits=digits) != said for limit in limits
    )


def _title(metric: str) -> str:
    title = "the number of trades" if metric == "trades" else metric_title(metric)
    return title[:1].upper() + title[1:]


def _finding(threshold: Threshold, outcome: Outcome, reason: str, window: str) -> Finding:
    return Finding(JUDGE, threshold.metric, outcome, reason, window=window)
