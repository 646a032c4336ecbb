"""`freqtrain promote`: whoever earned it boards, the others stay with what they lack, and what was deleted leaves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from pipeline.domain.train.boarding import Boarding, Boards, Seat
from pipeline.domain.train.decisions import Promoted, Retired
from pipeline.domain.train.facts import Fact
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.plan import Order
from pipeline.domain.train.promotion import Attempt, Promotion
from pipeline.domain.train.steps import short
from pipeline.errors import ExitCode, FreqtrainError, Refused, UsageError
from pipeline.flows.approve import to_sign
from pipeline.flows.attend import attend
from pipeline.flows.converge import converge
from pipeline.flows.deploy import deploy
from pipeline.flows.promote_approve import approved, needs_approval, wanted_by
from pipeline.flows.promote_decide import Named, PromoteGround, Wish, decide, look_up
from pipeline.flows.road import Road


def promote(wish: Wish, ground: PromoteGround) -> Promotion:
    """Decide, have it approved, record, deploy. A strategy that fails does not keep the others from boarding; the result tells of each.

    Where an approval is needed and none was given, nothing is recorded, and the result holds the text that is to be signed.

    Raises:
        UsageError: see `look_up`; or there are two approvals.
        Refused: the tag is not on main, has moved or cannot be understood; or the approval is no yes to exactly this. Nothing was recorded.
        Locked: another verb is at work in the environment.
        ToolFailed: git, ssh-keygen, GitHub or the ledger.
    """
    if wish.given is not None and wish.run:
        raise UsageError("an approval is either signed or given on GitHub", hint="leave one of them out")
    road = ground.road
    with road.locked(f"promote {wish.tag or wish.commit}"):
        road.demand_here()
        named = look_up(wish, ground)
        boarding = decide(named, ground)
        made = Promotion(road.environment.name, named.commit, boarding, wish.tag)
        facts: list[Fact] = []
        if needs_approval(boarding, road):
            if wish.given is None and not wish.run:
                return replace(made, to_sign=_to_sign(boarding, road))
            yes = approved(wish, named, boarding, ground)
            made, facts = replace(made, approved=yes), [yes]
        elif wish.given is not None or wish.run:
            road.narrator.say("nobody has to approve this, and the approval was not looked at")
        for fact in (*facts, *_promoted(boarding, named, road, wish.by)):
            road.record(fact)
        leaving = [seat for seat in boarding.seats if seat.decision in (Boards.RETIRES, Boards.STOPS)]
        attempts = [_leave(seat, wish, named, road) for seat in leaving]
        if wish.deploy:
            _attend(road)
    if wish.deploy:
        attempts += [_deploy(seat, road, wish.by) for seat in boarding.boarding]
    _tell_lacking(named, boarding, road)
    return replace(made, recorded=True, attempts=tuple(attempts))


LACKING = (Boards.STAYS, Boards.BLOCKED, Boards.FROZEN)


def _tell_lacking(named: Named, boarding: Boarding, road: Road) -> None:
    """Who did not board and why is in no ledger; of those that did, people are told from there."""
    stay = [str(seat) for seat in boarding.seats if seat.decision in LACKING]
    if road.notifier is None or not stay:
        return
    try:
        road.notifier.tell(road.environment.name, "\n".join((f"{named.source}: {len(stay)} did not board.", *stay)))
    except FreqtrainError as error:
        road.narrator.say(error.message)


def planned(wish: Wish, ground: PromoteGround) -> Promotion:
    """What `promote` would do now, and what is to be signed for it; nothing is recorded."""
    named = look_up(wish, ground)
    boarding = decide(named, ground)
    signing = _to_sign(boarding, ground.road) if needs_approval(boarding, ground.road) else ""
    return Promotion(ground.road.environment.name, named.commit, boarding, wish.tag, signing, planned=True)


def _to_sign(boarding: Boarding, road: Road) -> str:
    return to_sign(wanted_by(boarding, road), road.environment, road.clock.now())


def _promoted(boarding: Boarding, named: Named, road: Road, by: str) -> Iterator[Promoted]:
    for seat in boarding.boarding:
        evidence = named.stored[seat.bundle].newest.evidence
        reason = str(seat.decision) if not seat.reason else f"{seat.decision}: {seat.reason}"
        yield Promoted(
            road.environment.name,
            seat.strategy,
            seat.bundle,
            by,
            reason,
            evidence,
            named.source,
            seat.overridden,
        )


def _leave(seat: Seat, wish: Wish, named: Named, road: Road) -> Attempt:
    """A strategy that was deleted retires, unless it does already; an interrupted deployment of it ends first, or it would end the retirement."""
    at_once = seat.decision is Boards.STOPS
    try:
        if wish.deploy:
            _converge(seat.strategy, wish, road)
        known = road.state().of(seat.strategy)
        if known.progress is not None and known.progress.target is not None:
            raise Refused("a deployment of it was interrupted and is not ended", hint="run freqtrain converge first")
        if known.standing is not None and known.retirement is None:
            why = f"it is not in {named.source}"
            bundle = known.standing.bundle
            road.record(Retired(road.environment.name, seat.strategy, bundle, why, at_once, wish.by))
        if wish.deploy:
            converge(road, wish.by, seat.strategy)
    except FreqtrainError as error:
        return _failed(seat.strategy, error, road)
    told = "stops" if at_once else "enters nothing any more, and manages its trades to their end"
    return Attempt(seat.strategy, ExitCode.DONE, told)


def _attend(road: Road) -> None:
    """What leaves may have been the last, and what the watch reads may have changed though nothing boards; what boards sees to it by itself."""
    try:
        attend(road)
    except FreqtrainError as error:
        road.narrator.say(error.message)


def _converge(strategy: str, wish: Wish, road: Road) -> None:
    """As far as it goes: what cannot be mended must not keep a strategy from leaving."""
    try:
        converge(road, wish.by, strategy)
    except FreqtrainError as error:
        road.narrator.say(error.message)


def _deploy(seat: Seat, road: Road, by: str) -> Attempt:
    environment = road.environment
    trades, drain_for = TradePolicy(environment.open_trades.value), timedelta(hours=environment.drain_hours)
    try:
        made = deploy(Order(seat.strategy, seat.bundle, by, trades, drain_for), road)
    except FreqtrainError as error:
        return _failed(seat.strategy, error, road)
    if made.drain is not None:
        told = f"follows when no trade is open, at the latest {made.drain.deadline_at:%Y-%m-%d %H:%M} UTC"
        return Attempt(seat.strategy, ExitCode.DONE, f"{short(seat.bundle)} {told}")
    return Attempt(seat.strategy, ExitCode.DONE, f"{short(seat.bundle)} runs")


def _failed(strategy: str, error: FreqtrainError, road: Road) -> Attempt:
    road.narrator.say(f"{strategy}: {error.message}")
    return Attempt(strategy, error.code, error.message, error.hint, _stands(strategy, road))


def _stands(strategy: str, road: Road) -> str:
    """The bundle that runs since; empty where none does, or the ledger cannot tell."""
    try:
        standing = road.state().of(strategy).standing
    except FreqtrainError:
        return ""
    return standing.bundle if standing else ""
