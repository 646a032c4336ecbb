"""What was decided about a bundle: apart from how it is decided, which takes numpy and pandas, for whoever only acts on it."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.verdict import Measurement, Verdict
from pipeline.errors import ExitCode


class Decision(StrEnum):
    """What becomes of a bundle."""

    PROMOTE = "promote"
    """It earned the next environment."""
    HOLD = "hold"
    """It stays where it is: not enough is known, or something is lacking."""
    ROLL_BACK = "roll_back"
    """It fails what its environment demands of whoever runs there."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What was decided about one bundle and why, each reason a sentence; `power` says how far the trades go."""

    strategy: str
    bundle: str
    decision: Decision
    reasons: tuple[str, ...]
    power: str = ""


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What came of a decision: `told` says what was done, or why nothing was; "" where there was nothing to do."""

    told: str = ""
    code: ExitCode = ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision with its reasons; `staying` is the verdict on whether it may stay, `boarding` on what it lacks for the next environment."""

    strategy: str
    bundle: str
    decision: Decision
    reasons: tuple[str, ...]
    staying: Verdict
    boarding: Verdict | None
    measurements: tuple[Measurement, ...]
    power: str = ""

    @property
    def conclusion(self) -> Conclusion:
        """The decision without the numbers behind it."""
        return Conclusion(self.strategy, self.bundle, self.decision, self.reasons, self.power)

    def __str__(self) -> str:
        return f"{self.strategy} {self.decision.value.replace('_', ' ')}: {' '.join(self.reasons)}"


@dataclass(frozen=True, slots=True)
class Applied:
    """A decision, and what came of it: `told` says what was done, or why nothing was; "" where there was nothing to do."""

    decided: Decided
    told: str = ""
    code: ExitCode = ExitCode.DONE
