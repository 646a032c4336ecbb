"""`freqtrain decide`: what becomes of each bundle that runs in an environment, and a bad one is taken back where the environment says so."""

from collections.abc import Sequence

from pipeline.domain.trading import RollBack
from pipeline.domain.train.boarding import Demands
from pipeline.domain.train.decide import Applied, Decided, Decision, decide
from pipeline.domain.train.decisions import RolledBack
from pipeline.domain.train.facts import recorded
from pipeline.errors import FreqtrainError
from pipeline.flows.observe import observation, promise
from pipeline.flows.road import Road
from pipeline.flows.roll_back import roll_back
from pipeline.ports import PastObservations

BY_DECISION = "decide"


def decisions(road: Road, past: PastObservations | None, demands: Demands | None) -> tuple[Decided, ...]:
    """What becomes of every bundle that stands in the environment, by strategy; nothing is changed.

    Args:
        demands: what the environment after this one demands; None where none follows.

    Raises:
        ToolFailed: the observations cannot be read.
    """
    return tuple(
        decision(strategy, known.standing.bundle, road, past, demands)
        for strategy, known in sorted(road.state().strategies.items())
        if known.standing is not None
    )


def decision(strategy: str, bundle: str, road: Road, past: PastObservations | None, demands: Demands | None) -> Decided:
    """What becomes of one bundle; arguments and errors as for `decisions`."""
    seen = observation(strategy, bundle, road, past)
    return decide(seen, promise(bundle, road), road.environment.staying, demands)


def apply(decided: Sequence[Decided], road: Road) -> tuple[Applied, ...]:
    """Take back what is to be taken back, by the road of `roll-back`, where the environment says `roll_back: automatic`.

    One that fails does not keep the others from being taken back. What was taken back already, or was exchanged meanwhile, is left alone.
    """
    return tuple(apply_one(one, road) for one in decided)


def apply_one(decided: Decided, road: Road) -> Applied:
    """See `apply`."""
    if decided.decision is not Decision.ROLL_BACK:
        return Applied(decided)
    environment = road.environment
    if environment.roll_back is not RollBack.AUTOMATIC:
        told = f"Nothing was done: '{environment.name}' says roll_back: {environment.roll_back.value}, so a person decides."
        return Applied(decided, told)
    if _was_taken_back(decided, road):
        return Applied(decided, "It was taken back already, and manages its trades to their end.")
    try:
        told = roll_back(decided.strategy, road, BY_DECISION, " ".join(decided.reasons), only=decided.bundle)
    except FreqtrainError as error:
        road.narrator.say(f"{decided.strategy}: {error.message}")
        return Applied(decided, error.message, error.code)
    return Applied(decided, f"{told}.")


def _was_taken_back(decided: Decided, road: Road) -> bool:
    """Whether it was since it was deployed last; nothing was known to be good then, so that it stands still."""
    mine = [made for made in road.state().of(decided.strategy).deployments if made.bundle == decided.bundle]
    since = max(made.since_at for made in mine)
    return any(
        isinstance(record.fact, RolledBack)
        and (record.fact.strategy, record.fact.bundle) == (decided.strategy, decided.bundle)
        and record.at >= since
        for record in recorded(road.ledger.entries())
    )
