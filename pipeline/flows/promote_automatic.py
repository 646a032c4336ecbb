"""`freqtrain promote --automatic`: where an environment boards by itself, that is named by which the one before boarded last."""

from dataclasses import replace

from pipeline.domain.trading import Promotion
from pipeline.domain.train.named import named_in
from pipeline.errors import Refused, UsageError
from pipeline.flows.promote_decide import PromoteGround, Wish

BY_ITSELF = "automatic"


def automatic(wish: Wish, ground: PromoteGround) -> Wish | str:
    """The wish with the tag or commit by which something boarded last in the environment before; or, in a sentence, why nothing is to be done.

    Who boards by it is judged as ever: each strategy's own bundle has to have earned it, however many tags ago it boarded there.

    Raises:
        UsageError: a tag or a commit was named as well; or no environment with bots comes before this one.
        Refused: nobody can tell by what the ledger of the environment before says that it boarded.
    """
    environment = ground.road.environment
    if wish.tag or wish.commit:
        raise UsageError(
            "what boards by itself is named by nobody", hint="leave --tag and --commit out, or --automatic"
        )
    if environment.promotion is not Promotion.AUTOMATIC:
        return f"'{environment.name}' says promotion: {environment.promotion.value}, so a person lets bundles board"
    if environment.boarding is None:
        raise UsageError(
            f"no bots run before '{environment.name}', so nothing earns it there",
            hint="what was merged boards: --commit refs/remotes/origin/main",
        )
    if not ground.before.latest:
        return f"nothing ever boarded in '{environment.after}', so nothing can have earned '{environment.name}'"
    named = named_in(ground.before.latest)
    if named is None:
        raise Refused(
            f"the ledger of '{environment.after}' says that something boarded at {ground.before.latest!r}",
            hint="name a tag: --tag v1.4",
        )
    tag, commit = named
    ground.road.narrator.say(f"'{environment.after}' boarded last at {ground.before.latest}")
    return replace(wish, by=BY_ITSELF, tag=tag, commit=commit)
