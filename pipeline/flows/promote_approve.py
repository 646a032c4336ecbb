"""The approval of a promotion: signed, or given on GitHub; a yes to exactly what boards, which is judged once more after it."""

from collections.abc import Iterator

from pipeline.domain.train.approval import Wanted
from pipeline.domain.train.boarding import Boarding, Seat
from pipeline.domain.train.decisions import Approved
from pipeline.domain.train.named import Written
from pipeline.errors import Refused
from pipeline.flows.approve import approve, signers, wanted_of
from pipeline.flows.approve_github import Sought, approve_github
from pipeline.flows.promote_decide import Named, PromoteGround, Wish, decide
from pipeline.flows.road import Road


def needs_approval(boarding: Boarding, road: Road) -> bool:
    """Only what boards is approved: a strategy that leaves trades less."""
    return road.environment.approval.required and bool(boarding.boarding)


def wanted_by(boarding: Boarding, road: Road) -> Wanted:
    """What is to be approved so that these board."""
    return wanted_of(road.environment, (seat.bundle for seat in boarding.boarding))


def approved(wish: Wish, named: Named, boarding: Boarding, ground: PromoteGround) -> Approved:
    """The yes, not yet recorded.

    Raises:
        Refused: it is no yes to exactly what boards, or something else boards by now, because looking at it takes its time.
        ToolFailed: it could not be looked at.
    """
    road, wanted = ground.road, wanted_by(boarding, ground.road)
    fact = _on_github(wish, named, boarding, ground) if wish.run else _signed(wish, named, boarding, ground)
    if wanted_by(decide(named, ground), road) != wanted or fact.expires_at <= road.clock.now():
        raise Refused("what boards has changed while the approval was looked at", hint="promote once more")
    return fact


def _signed(wish: Wish, named: Named, boarding: Boarding, ground: PromoteGround) -> Approved:
    road = ground.road
    assert wish.given is not None
    written = tuple(_written(boarding, named, ground))
    authors = {one.author for one in written}.union(*(one.others for one in written))
    allowed = signers(road.environment, ground.tags, ground.protected)
    wanted, now = wanted_by(boarding, road), road.clock.now()
    return approve(wish.given, wanted, authors, road.environment, now, ground.signatures, allowed)


def _on_github(wish: Wish, named: Named, boarding: Boarding, ground: PromoteGround) -> Approved:
    road = ground.road
    if ground.github is None:
        raise Refused("this device was not told which repository on GitHub it belongs to", hint="sign instead")
    wanted, written = wanted_by(boarding, road), tuple(_written(boarding, named, ground))
    sought = Sought(wish.run, wanted, wish.tag, named.source, written)
    question = road.state().asked.get(wish.run)
    return approve_github(sought, question, road.environment, road.clock, ground.tags, ground.github)


def _written(boarding: Boarding, named: Named, ground: PromoteGround) -> Iterator[Written]:
    for seat in boarding.boarding:
        yield from _commits_of(seat, named, ground)


def _commits_of(seat: Seat, named: Named, ground: PromoteGround) -> tuple[Written, ...]:
    """What is new about a strategy; where nothing of it is, or nobody knows what ran before, all that was ever written of it."""
    since = _commit_that_runs(seat.strategy, named, ground)
    recent = ground.tags.written(seat.strategy, named.commit, since) if since else ()
    return recent or ground.tags.written(seat.strategy, named.commit)


def _commit_that_runs(strategy: str, named: Named, ground: PromoteGround) -> str:
    """The first commit from which the bundle that runs was cut; empty where that leads nowhere."""
    standing = ground.road.state().of(strategy).standing
    kept = named.stored.get(standing.bundle) if standing else None
    commits = [made.commit for made in kept.manifests if made.commit and not made.uncommitted] if kept else []
    return commits[0] if commits and ground.tags.is_ancestor(commits[0], named.commit) else ""
