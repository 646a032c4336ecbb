"""The vocabulary of judging: Outcome, Measurement, Finding, Verdict."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Outcome(IntEnum):
    """Ordered by weight: the worst finding decides, and a broken gauge (ERROR) cannot hide a bad reading (FAIL)."""

    PASS = 0
    INCONCLUSIVE = 1
    ERROR = 2
    FAIL = 3


class Subject(StrEnum):
    """Whose number it is.

    The market is an equal-weight purchase of all pairs at the start of the window; the backtest is what the gate measured of the very bundle that is
    observed now.
    """

    CANDIDATE = "candidate"
    INCUMBENT = "incumbent"
    MARKET = "market"
    BACKTEST = "backtest"


ALL_WINDOWS = "all together"
"""The name under which the measurements of all windows taken together are kept."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number about a subject in a window; `value` is NaN or infinite where the definition has no answer."""

    metric: str
    value: float
    window: str
    subject: Subject = Subject.CANDIDATE


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding points: a file (relative to the repository or the strategy's folder), line and column from 1; 0 is unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule applied once.

    `check` is what looked (lint, behaviour, backtest, ...), `rule` a rule's code or a metric's name, `reason` a plain sentence. A `warning`
    is worth knowing and stops nothing: its outcome is PASS.
    """

    check: str
    rule: str
    outcome: Outcome
    reason: str
    place: Place | None = None
    warning: bool = False
    window: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings; the worst decides. No findings at all is INCONCLUSIVE: nothing was judged."""

    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        return max((finding.outcome for finding in self.findings), default=Outcome.INCONCLUSIVE)

    def reasons(self) -> tuple[Finding, ...]:
        """The findings that decided: those with the worst outcome; none where it is PASS."""
        worst = self.outcome
        return tuple(f for f in self.findings if f.outcome is worst) if worst is not Outcome.PASS else ()
