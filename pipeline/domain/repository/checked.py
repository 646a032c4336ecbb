"""What a look at a repository found, and what became of the changes."""

from dataclasses import dataclass

from pipeline.domain.repository.by_hand import ByHand
from pipeline.domain.repository.calls import Change
from pipeline.domain.repository.differences import Difference
from pipeline.domain.repository.found import Facts
from pipeline.domain.repository.offers import Offers, Shortfall
from pipeline.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Checked:
    """What differs, the changes that mend it, and what only a person mends. `owners` is what CODEOWNERS has to hold, None where it does."""

    facts: Facts
    offers: Offers
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    by_hand: tuple[ByHand, ...]
    owners: str | None
    shortfalls: tuple[Shortfall, ...]
    notes: tuple[str, ...] = ()

    @property
    def mendable(self) -> bool:
        """Whether `apply` has something to do."""
        return bool(self.changes) or self.owners is not None

    @property
    def code(self) -> ExitCode:
        """FAIL where anything differs."""
        return ExitCode.FAIL if self.mendable or self.by_hand else ExitCode.DONE


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """Something that GitHub did not do: what, why, and what to do about it."""

    what: str
    why: str
    do: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What was made, what was refused, and how the repository stands now."""

    made: int
    refused: tuple[RefusedCall, ...]
    after: Checked

    @property
    def code(self) -> ExitCode:
        """REFUSED where GitHub refused anything; what only persons mend is told, and is no failure of this verb."""
        return ExitCode.REFUSED if self.refused else ExitCode.DONE
