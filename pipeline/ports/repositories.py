"""What the flows need of a repository on GitHub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.repository.actors import Actor
    from pipeline.domain.repository.calls import Call
    from pipeline.domain.repository.found import Facts, Found
    from pipeline.domain.repository.offers import Offers


class RepositorySettings(Protocol):
    """One repository's settings, as its administrators see them.

    Everything raises Refused where GitHub does not allow it (the message says which right is missing) and ToolFailed where it does not answer.
    """

    def facts(self, plan: str) -> Facts:
        """What it is; `plan` is its owner's plan as a person wrote it down, or "" where GitHub is to tell."""
        ...

    def people(self, names: Sequence[str]) -> Mapping[str, Actor]:
        """Who `@name` and `@organization/team` are; raises Refused with all that there are not."""
        ...

    def found(self, facts: Facts, offers: Offers, environments: Sequence[str], *, owned: bool) -> Found:
        """Its settings and names, as far as its plan offers them, for environments of these names; `owned`: CODEOWNERS counts."""
        ...

    def carry_out(self, call: Call) -> None:
        """Make one call."""
        ...
