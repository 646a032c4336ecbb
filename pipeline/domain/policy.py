"""What an environment demands: thresholds over measurements, and the checks that must have been made."""

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pipeline.domain.canonical import digest
from pipeline.domain.verdict import Subject

CHECKS = ("lint", "behaviour", "backtest", "bias", "audit", "robustness")
"""Every check that a policy can demand."""


class Span(StrEnum):
    """Over which windows a threshold must hold."""

    EACH = "each"
    ALL_TOGETHER = "all_together"
    K_OF_N = "k_of_n"


@dataclass(frozen=True, slots=True)
class Scope:
    """`each` window, all windows taken together, or at least `k` of the `n` windows (`n` only for K_OF_N)."""

    span: Span
    k: int = 0
    n: int = 0

    def __str__(self) -> str:
        return f"{self.k} of {self.n}" if self.span is Span.K_OF_N else self.span.value


@dataclass(frozen=True, slots=True)
class Threshold:
    """One demand on one metric.

    `above` and `below` are strict, `at_least` and `at_most` are not. With `relative_to`, the number judged is the candidate's minus the
    other subject's in the same window. Where fewer than `minimum_trades` trades stand behind the number, it is INCONCLUSIVE instead.

    Raises:
        ValueError: without a bound, or with one that is not finite: such a threshold could only ever pass.
    """

    metric: str
    scope: Scope
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    below: float | None = None
    relative_to: Subject | None = None
    minimum_trades: int = 0

    def __post_init__(self) -> None:
        bounds = [bound for bound in (self.above, self.at_least, self.at_most, self.below) if bound is not None]
        if not bounds or not all(math.isfinite(bound) for bound in bounds):
            raise ValueError(f"a threshold on {self.metric} needs finite bounds, not {bounds or 'none'}")

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two thresholds demands on the same number."""
        return (self.metric, str(self.scope), self.relative_to.value if self.relative_to else "")

    def lower(self) -> tuple[float, bool] | None:
        """The stricter lower bound and whether it is strict, or None."""
        bounds = [(b, strict) for b, strict in ((self.at_least, False), (self.above, True)) if b is not None]
        return max(bounds, default=None)

    def upper(self) -> tuple[float, bool] | None:
        """The stricter upper bound and whether it is strict, or None."""
        bounds = [(b, strict) for b, strict in ((self.at_most, False), (self.below, True)) if b is not None]
        return max(bounds, key=_strictness, default=None)


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds that an environment demands and the checks that must have been made."""

    checks: tuple[str, ...]
    thresholds: tuple[Threshold, ...] = field(default=())

    @property
    def digest(self) -> str:
        """Names the policy by its content; the order in which thresholds are written does not matter."""
        return digest(
            {"checks": sorted(self.checks), "thresholds": sorted(self.thresholds, key=lambda t: (t.key, str(t)))}
        )


def contradictions(thresholds: tuple[Threshold, ...]) -> tuple[tuple[int, str], ...]:
    """Index and sentence for each threshold that nothing can meet, alone or together with an earlier one on the same number."""
    found: list[tuple[int, str]] = []
    for index, threshold in enumerate(thresholds):
        for other in (threshold, *(t for t in thresholds[:index] if t.key == threshold.key)):
            for low, high in ((threshold.lower(), other.upper()), (other.lower(), threshold.upper())):
                if low and high and (low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]))):
                    found.append(
                        (index, f"{threshold.metric} cannot be {_word(low, 'low')} and {_word(high, 'high')} at once")
                    )
                    break
            else:
                continue
            break
    return tuple(found)


def _word(bound: tuple[float, bool], side: str) -> str:
    value, strict = bound
    words = ("above" if strict else "at least") if side == "low" else ("below" if strict else "at most")
    return f"{words} {value:g}"


def tighten(policy: Policy, overrides: tuple[Threshold, ...]) -> tuple[Policy, tuple[tuple[int, str], ...]]:
    """The policy with a strategy's own, stricter thresholds, and index and sentence for each override that would loosen it.

    An override of a number that the policy already judges must be at least as strict on both sides, ask for at least as many trades and not
    contradict it; a threshold on another number is an additional demand, which is always stricter. An override that asks for more trades
    is judged besides the policy's threshold: in its place, it would turn a FAIL on few trades into an INCONCLUSIVE.
    """
    problems: list[tuple[int, str]] = []
    tightened = list(policy.thresholds)
    for index, override in enumerate(overrides):
        same = [base for base in policy.thresholds if base.key == override.key]
        why_not = next((words for base in same if (words := _loosened(base, override))), "")
        if why_not:
            problems.append((index, why_not))
        elif any(_replaces(base, override) for base in same):
            tightened = [
                _stricter(t, override) if t.key == override.key and _replaces(t, override) else t for t in tightened
            ]
        else:
            tightened.append(override)
    return replace(policy, thresholds=tuple(tightened)), tuple(problems)


def _replaces(base: Threshold, override: Threshold) -> bool:
    return override.minimum_trades <= base.minimum_trades


def without_incumbent(policy: Policy) -> Policy:
    """The policy for a strategy that replaces nothing: demands relative to an incumbent say nothing about it."""
    return replace(policy, thresholds=tuple(t for t in policy.thresholds if t.relative_to is not Subject.INCUMBENT))


def _loosened(base: Threshold, override: Threshold) -> str:
    """Why the override may not stand, or nothing."""
    told = ""
    low, new_low, high, new_high = base.lower(), override.lower(), base.upper(), override.upper()
    if low and new_low and new_low < low:
        told = f"must stay {_word(low, 'low')}, not {_word(new_low, 'low')}"
    elif high and new_high and _strictness(new_high) < _strictness(high):
        told = f"must stay {_word(high, 'high')}, not {_word(new_high, 'high')}"
    elif override.minimum_trades and override.minimum_trades < base.minimum_trades:
        told = f"needs {base.minimum_trades} trades, not {override.minimum_trades}"
    elif clash := contradictions((base, override)):
        return f"contradicts the policy: {clash[-1][1]}"
    return told and f"would loosen the policy: {base.metric} ({base.scope}) {told}; overrides may only tighten"


def _strictness(upper: tuple[float, bool]) -> tuple[float, bool]:
    return -upper[0], upper[1]


def _stricter(base: Threshold, override: Threshold) -> Threshold:
    low = max((bound for bound in (base.lower(), override.lower()) if bound), default=None)
    high = max((bound for bound in (base.upper(), override.upper()) if bound), key=_strictness, default=None)
    return replace(
        base,
        above=low[0] if low and low[1] else None,
        at_least=low[0] if low and not low[1] else None,
        below=high[0] if high and high[1] else None,
        at_most=high[0] if high and not high[1] else None,
    )
