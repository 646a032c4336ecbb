"""The shapes of GitHub's answers about rulesets; rules that we do not know are kept as they are."""

from collections.abc import Mapping
from typing import Any

from pipeline.adapters.github.settings_shapes import Shape
from pipeline.domain.repository.actors import REPOSITORY_ADMIN, Actor, ActorKind, Bypass
from pipeline.domain.repository.settings import Ruleset


class BypassShape(Shape):
    """Somebody whom a ruleset does not bind."""

    actor_id: int | None = None
    actor_type: ActorKind
    bypass_mode: str = "always"

    def meant(self) -> Bypass:
        actor = Actor(self.actor_type, self.actor_id or 0)
        return Bypass(REPOSITORY_ADMIN if actor == REPOSITORY_ADMIN else actor, self.bypass_mode)


class RefNames(Shape):
    """Which branches or tags."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Conditions(Shape):
    """To what a ruleset applies."""

    ref_name: RefNames = RefNames()


class Rule(Shape):
    """One rule, with its parameters as they are."""

    type: str
    parameters: Mapping[str, Any] | None = None


class RulesetSummary(Shape):
    """One of a list of rulesets."""

    id: int
    name: str


class RulesetShape(Shape):
    """GET .../rulesets/{ruleset_id}; without the right to write, `bypass_actors` is not told."""

    id: int
    name: str
    target: str = "branch"
    enforcement: str
    bypass_actors: tuple[BypassShape, ...] | None = None
    conditions: Conditions | None = None
    rules: tuple[Rule, ...] = ()

    def meant(self) -> Ruleset:
        names = self.conditions.ref_name if self.conditions else RefNames()
        actors = self.bypass_actors
        return Ruleset(
            self.name,
            self.target,
            names.include,
            {rule.type: rule.parameters or {} for rule in self.rules},
            exclude=names.exclude,
            bypass=None if actors is None else tuple(sorted(actor.meant() for actor in actors)),
            enforcement=self.enforcement,
            id=self.id,
        )
