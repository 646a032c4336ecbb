"""A decision is carried out: a bad bundle is taken back, where the environment says that nobody has to be asked."""

from datetime import datetime

from pipeline.domain.trading import RollBack
from pipeline.domain.train.decided import CarriedOut, Conclusion, Decision
from pipeline.errors import FreqtrainError
from pipeline.flows.road import Road
from pipeline.flows.roll_back import roll_back

BY_DECISION = "decide"
ROLLED_BACK = "rolled_back"
"""The kind of the entries that `domain.train.decisions.RolledBack` is told in."""


def carry_out(decided: Conclusion, road: Road) -> CarriedOut:
    """Take a bundle back that is to be, by the road of `roll-back`, where the environment says `roll_back: automatic`.

    What was taken back already, or was exchanged meanwhile, is left alone. What fails is told, and in the answer.
    """
    if decided.decision is not Decision.ROLL_BACK:
        return CarriedOut()
    environment = road.environment
    if environment.roll_back is not RollBack.AUTOMATIC:
        return CarriedOut(
            f"Nothing was done: '{environment.name}' says roll_back: {environment.roll_back.value}, so a person decides."
        )
    if _was_taken_back(decided, road):
        return CarriedOut("It was taken back already, and manages its trades to their end.")
    try:
        told = roll_back(decided.strategy, road, BY_DECISION, " ".join(decided.reasons), only=decided.bundle)
    except FreqtrainError as error:
        road.narrator.say(f"{decided.strategy}: {error.message}")
        return CarriedOut(error.message, error.code)
    return CarriedOut(f"{told}.")


def _was_taken_back(decided: Conclusion, road: Road) -> bool:
    """Whether it was since it was deployed last; nothing was known to be good then, so that it stands still."""
    mine = [made for made in road.state().of(decided.strategy).deployments if made.bundle == decided.bundle]
    return was_rolled_back(decided.strategy, decided.bundle, max(made.since_at for made in mine), road)


def was_rolled_back(strategy: str, bundle: str, since: datetime, road: Road) -> bool:
    """Whether the bundle was rolled back after what the ledger tells of its strategy at that time; read from the end, which is near."""
    for entry in reversed(road.ledger.entries()):
        if entry.body.get("strategy") != strategy:
            continue
        if entry.kind == ROLLED_BACK and entry.body.get("bundle") == bundle and entry.at >= since:
            return True
        if entry.at == since:
            return False
    return False
