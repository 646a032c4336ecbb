"""`freqtrain roll-back`: the last known good bundle comes back by the road of every deployment, and the bad one is blocked."""

from pipeline.domain.train.decisions import Blocked, RolledBack
from pipeline.domain.train.plan import Plan
from pipeline.domain.train.plan import roll_back as plan_back
from pipeline.domain.train.steps import short
from pipeline.errors import FreqtrainError, Refused, UsageError
from pipeline.flows.attend import attended
from pipeline.flows.carry_out import carry_out
from pipeline.flows.converge import converge
from pipeline.flows.road import Road


def roll_back(strategy: str, road: Road, by: str, reason: str, *, only: str = "") -> str:
    """Block what runs and bring back what was good; returns a sentence about what runs now. Where `only` is given, it is that bundle or none.

    The block comes first: from then on the bad bundle enters nothing, whatever happens to the rest. With no known good bundle it goes on
    managing its trades, without entries.

    Raises:
        UsageError: no reason, or the strategy does not run there.
        Refused: it is not `only` that runs; nothing has changed.
        Locked, Refused, Undone, ToolFailed: as `deploy`; the block stands.
    """
    if not reason.strip():
        raise UsageError("why is it taken back? give --reason")
    environment = road.environment.name
    road.demand_here()
    with road.locked(f"roll-back {strategy}"), attended(road):
        standing = road.state().of(strategy).standing
        if standing is None:
            raise UsageError(f"'{strategy}' does not run in '{environment}'", hint=f"freqtrain status {environment}")
        bad = standing.bundle
        if only and bad != only:
            raise Refused(
                f"{short(only)} does not run in '{environment}' any more, and {short(bad)} is not to be taken back"
            )
        road.record(Blocked(environment, strategy, bad, by, reason))
        try:
            converge(road, by, strategy)
        except FreqtrainError as error:  # What cannot be mended must not keep the good one from coming back.
            road.narrator.say(error.message)
        made = planned(strategy, road)
        if made is None:
            road.record(RolledBack(environment, strategy, bad, by, reason))
            return f"{short(bad)} is blocked and enters nothing; it manages its trades to their end, because no bundle is known to be good"
        carry_out(made, road, by)
        road.record(RolledBack(environment, strategy, bad, by, reason, made.goal.bundle))
        return f"{short(made.goal.bundle)} runs again; {short(bad)} is blocked until a person lifts it"


def planned(strategy: str, road: Road) -> Plan | None:
    """How the last known good bundle would come back; None where there is none."""
    return plan_back(road.seen(strategy), road.state(), strategy)
