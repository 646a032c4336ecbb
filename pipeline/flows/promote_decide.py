"""Who boards: what a tag or a commit names, held against what was earned in the environment before. It reads, and changes nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.ledger import Entry
from pipeline.domain.train.board_lines import Override, board_lines
from pipeline.domain.train.boarding import Boarding, Boards, Demands, Seat, Shown, board
from pipeline.domain.train.decisions import Promoted
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.named import Tag, bundles_at, later_than, moved_from, source
from pipeline.domain.train.observed import DISQUALIFIES
from pipeline.domain.train.state import Block, EnvironmentState
from pipeline.errors import FreqtrainError, Refused, UsageError
from pipeline.flows.approve import Given
from pipeline.flows.approve_github import OnGitHub
from pipeline.flows.road import Road
from pipeline.ports import Signatures, Tags


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: a tag or a commit, one of them; without `deploy` it is decided only.

    Where an approval is needed, `given` is a signed one, and `run` the number of the run on GitHub that was approved there.
    With `in_order` it has to be no older than what boarded there last.
    """

    by: str
    tag: str = ""
    commit: str = ""
    given: Given | None = None
    deploy: bool = True
    run: int = 0
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of the environment before, and of the road.

    `state` is None where nothing runs there. `shown` says what was observed of a strategy's bundle there, None where nobody observed it; then the
    ledger's word counts, and nothing was measured. `blocks` are those of the other environments, `sources` what their ledgers say about where
    their bundles were named (`sources_of`), and `latest` is what the environment's own says last.
    """

    state: EnvironmentState | None = None
    shown: Callable[[str, str], Shown | None] = lambda _strategy, _bundle: None
    blocks: Mapping[str, Block] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    latest: str = ""


@dataclass(frozen=True, slots=True)
class PromoteGround:
    """What a promotion is decided on.

    `road` is the target environment's; `protected` reads a file that only root can have written (raises Refused for another).
    """

    road: Road
    before: Before
    tags: Tags
    signatures: Signatures
    protected: Callable[[Path], bytes]
    github: OnGitHub | None = None
    """None where GitHub is not asked."""


@dataclass(frozen=True, slots=True)
class Named:
    """A wish with its names looked up: `bundles` maps each strategy to its bundle's digest, `stored` a digest to its bundle."""

    source: str
    commit: str
    bundles: Mapping[str, str]
    stored: Mapping[str, StoredBundle]
    overrides: tuple[Override, ...] = ()


def look_up(wish: Wish, ground: PromoteGround) -> Named:
    """What was asked for.

    Raises:
        UsageError: neither a tag nor a commit was named, or both, or there is none of that name.
        Refused: it is not on main, the tag has moved, or its message cannot be understood; the message lists all lines.
    """
    if not wish.by.strip():
        raise UsageError("who promotes? the ledger keeps it", hint="give --by")
    if bool(wish.tag) == bool(wish.commit):
        raise UsageError("what is to board? name either a tag or a commit", hint="--tag v1.4, or --commit HASH")
    tags = ground.tags
    tag = tags.tag(wish.tag) if wish.tag else Tag("", tags.commit(wish.commit))
    said = source(tag.commit, tag.name)
    if not tags.is_ancestor(tag.commit, tags.main()):
        raise Refused(
            f"{said} is not on the protected main", hint="merge it first; nothing boards that nobody reviewed"
        )
    here = sources_of(ground.road.ledger.entries())
    if tag.name and (before := moved_from(tag, (*here, *ground.before.sources))):
        raise Refused(
            f"tag {tag.name} is dead: it named {before[:12]} when it was first used, and names {tag.commit[:12]} now",
            hint="a tag names one commit for ever; make a new tag",
        )
    if wish.in_order and (later := later_than(tag.commit, here, tags.is_ancestor)):
        raise Refused(
            f"{said} comes before {later}, which boarded already",
            hint="freqtrain roll-back brings the last good bundle of a strategy back; without --in-order an older tag boards as well",
        )
    lines = board_lines(tag.message)
    if lines.problems:
        raise Refused("\n".join(lines.problems), hint="make a new tag with a corrected message")
    kept = _stored(ground.road)
    bundles = bundles_at(tag.commit, tags.strategies, kept, tags.is_ancestor)
    if not bundles:
        raise Refused(f"{said} holds no strategy at all", hint="is this the right repository?")
    return Named(said, tag.commit, bundles, {one.digest: one for one in kept}, lines.overrides)


def decide(named: Named, ground: PromoteGround) -> Boarding:
    """Every strategy's seat by what the ledgers say at this moment.

    Raises:
        Refused: what the environment before tells is missing, or the tag's message boards a strategy that there is not.
    """
    environment, target = ground.road.environment, ground.road.state()

    def frozen(at: datetime) -> str:
        window = environment.freeze.frozen(at)
        return f"'{window[0]}' until {window[1]:%Y-%m-%d %H:%M} UTC" if window else ""

    before = ground.before
    boarding = board(
        named.bundles,
        _shown(named, before),
        _demands(ground),
        target,
        ground.road.clock.now(),
        live=not environment.dry_run,
        blocks={**before.blocks, **(before.state.blocks if before.state else {})},
        overrides=named.overrides,
        frozen=frozen,
    )
    if boarding.problems:
        raise Refused("\n".join(boarding.problems), hint="make a new tag with a corrected message")
    on_main = ground.tags.strategies(ground.tags.main())
    seats = (_still_there(_fit(seat, named, ground.road), named, on_main) for seat in boarding.seats)
    return Boarding(tuple(seats))


def before_of(entries: Sequence[Entry], environment: str) -> Before:
    """What the ledger of the environment before tells; observations, and the ledgers of further environments, are the caller's to add.

    Raises:
        Refused: the ledger cannot be understood.
    """
    state = fold_ledger(entries, environment)
    sources = sources_of(entries)
    return Before(state, blocks=state.blocks, sources=sources, latest=sources[-1] if sources else "")


def sources_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """What a ledger says about where its bundles were named, the oldest first."""
    return tuple(record.fact.source for record in recorded(entries) if isinstance(record.fact, Promoted))


def _stored(road: Road) -> tuple[StoredBundle, ...]:
    """Every bundle that can be read; one that is damaged boards nowhere, and keeps no other from boarding."""
    found = []
    for digest in road.bundles.digests():
        try:
            found.append(road.bundles.get(digest))
        except FreqtrainError as error:
            road.narrator.say(error.message)
    return tuple(found)


def _demands(ground: PromoteGround) -> Demands | None:
    environment, state = ground.road.environment, ground.before.state
    if environment.boarding is None:
        return None
    if state is None or state.environment != environment.after:
        raise Refused(
            f"'{environment.name}' boards what earned it in '{environment.after}', and nothing is known of that",
            hint=f"is the ledger of '{environment.after}' on this device?",
        )
    return Demands(
        environment.boarding.healthy_hours, environment.boarding.closed_trades, environment.boarding.thresholds
    )


def _shown(named: Named, before: Before) -> dict[str, Shown]:
    """What each bundle showed in the environment before; one that was deployed and not observed yet showed nothing."""
    state = before.state
    if state is None:
        return {}
    found = {}
    for strategy, bundle in named.bundles.items():
        known = state.of(strategy)
        held = tuple(str(hold) for hold in state.holds(strategy, bundle) if hold.kind in DISQUALIFIES)
        observed = known.observed.get(bundle)
        if observed is None and not any(made.bundle == bundle for made in known.deployments):
            continue
        counted = Shown(observed.healthy_hours, observed.closed_trades) if observed else Shown(0.0, 0)
        found[bundle] = replace(before.shown(strategy, bundle) or counted, held=held)
    return found


def _fit(seat: Seat, named: Named, road: Road) -> Seat:
    """Real money is for bundles that were judged on real candles from a commit; no reason helps against that."""
    if not seat.boards or road.environment.dry_run or road.rehearsal or named.stored[seat.bundle].for_live is not None:
        return seat
    reason = " ".join(named.stored[seat.bundle].newest.against_live).rstrip(".")
    return replace(seat, decision=Boards.STAYS, reason=reason, overridden="")


def _still_there(seat: Seat, named: Named, on_main: Mapping[str, object]) -> Seat:
    """A strategy that an older commit does not have yet was not deleted."""
    if seat.decision not in (Boards.RETIRES, Boards.STOPS) or seat.strategy not in on_main:
        return seat
    return replace(seat, decision=Boards.STAYS, reason="it is not at that commit, and is on main: it goes on as it is")
