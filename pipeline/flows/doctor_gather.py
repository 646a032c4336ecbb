"""Everything that disagreements are found by, gathered from a device; what cannot be seen is told, and hides nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from pipeline.domain.bot import BotSpec
from pipeline.domain.canonical import digest_bytes
from pipeline.domain.doctor.facts import (
    BundleFacts,
    DatabaseFacts,
    DoubtFacts,
    Facts,
    LedgerFacts,
    MovedTag,
    WatchFacts,
)
from pipeline.domain.doctor.kinds import Unseen
from pipeline.domain.doctor.store import needed
from pipeline.domain.train.account import Account, Unexplained, unexplained
from pipeline.domain.train.decisions import Cut, Promoted
from pipeline.domain.train.facts import Recorded, recorded
from pipeline.domain.train.movements import Deploying
from pipeline.domain.train.named import commit_in, moved_from, named_in
from pipeline.domain.train.sight import SeenBot
from pipeline.domain.train.state import EnvironmentState, StrategyState
from pipeline.domain.train.steps import StepKind
from pipeline.domain.train.terms import BookedTrade, terms_of
from pipeline.errors import FreqtrainError, Refused, UsageError
from pipeline.flows.account_pairs import look, sharing
from pipeline.flows.road import Road
from pipeline.ports import Tags
from pipeline.ports.doctor import Disk

_Seen = TypeVar("_Seen")


@dataclass(frozen=True, slots=True)
class Practice:
    """What a doctor works with: an environment of the device, what lies on its disk, and the repository's tags (None: there is no clone here)."""

    road: Road
    disk: Disk
    tags: Tags | None = None


def gather(practice: Practice) -> Facts:
    """All facts about the environment. Nothing is written, no bot is told anything, and the exchange is only asked."""
    road, disk, look = practice.road, practice.disk, _Looking()
    now, own = road.clock.now(), road.environment
    ledger = look.at("ledger", disk.ledger) or LedgerFacts()
    told, state, foreign = _told(road, ledger, look)
    seen = look.at("bots", road.seen)
    live = not own.dry_run
    strategies = _strategies(state, seen, look.at("homes and databases", disk.strategies) or frozenset())
    accounts = _accounts(practice, state, look) if live and state else {}
    databases = (look.at(f"database of {one}", partial(disk.database, one)) for one in strategies)
    return Facts(
        environment=own.name,
        now=now,
        live=live,
        terms=terms_of(road.environment),
        at_work=look.at("lock", disk.at_work) or "",
        ledger=LedgerFacts(ledger.breaks, ledger.head, ledger.left, ledger.last_at, foreign),
        state=state,
        bots=seen,
        bundles=tuple(_bundles(road, state, _commits(told), look)) if state else (),
        homes=look.at("homes", disk.homes),
        databases=tuple(one for one in databases if one is not None),
        adopted=frozenset(_adopted(told)),
        unexplained=accounts,
        doubts=dict(_doubts(road, strategies)),
        watch=look.at("watch", partial(_watch, road, state, seen)) or WatchFacts(),
        observations=look.at("observations", disk.observations),
        sharing=_sharing(road, state, look) if live and state else {},
        exposed=look.at("rights of files", disk.exposed) or (),
        tags=look.at("tags", partial(_tags, practice.tags, told)) or (),
        leftovers=look.at("leftovers", disk.leftovers) or (),
        unseen=tuple(look.unseen),
    )


@dataclass(slots=True)
class _Looking:
    """Looks that may fail."""

    unseen: list[Unseen] = field(default_factory=list)

    def at(self, what: str, look: Callable[[], _Seen]) -> _Seen | None:
        """What is seen; None where it cannot be, and that is told once."""
        try:
            return look()
        except FreqtrainError as error:
            self._tell(Unseen(what, error.message, error.hint))
        except OSError as error:
            self._tell(Unseen(what, f"{error.filename or 'the disk'}: {error.strerror or error}", "mend its rights"))
        return None

    def _tell(self, told: Unseen) -> None:
        if all(one.why != told.why for one in self.unseen):
            self.unseen.append(told)


def _told(road: Road, ledger: LedgerFacts, look: _Looking) -> tuple[tuple[Recorded, ...], EnvironmentState | None, str]:
    """The facts of an intact ledger and the state that it tells of, or why it is not understood."""
    if ledger.breaks:
        return (), None, ""
    entries = look.at("ledger", road.ledger.entries)
    if entries is None:
        return (), None, ""
    try:
        return recorded(entries), road.folded.state(entries, road.environment.name), ""
    except Refused as error:
        return (), None, error.message


def _strategies(
    state: EnvironmentState | None, seen: Sequence[SeenBot] | None, there: frozenset[str]
) -> tuple[str, ...]:
    known = set(state.strategies) if state else set()
    return tuple(sorted(known | {bot.bot.spec.strategy for bot in seen or ()} | there))


def _standing(state: EnvironmentState) -> Iterator[tuple[StrategyState, str, str]]:
    """What stands: its state, bundle and slot; nothing where the environment left the device."""
    for _, known in sorted(state.strategies.items()) if not state.away else ():
        if known.standing:
            yield known, known.standing.bundle, known.standing.slot


def _bundles(road: Road, state: EnvironmentState, commits: Mapping[str, str], look: _Looking) -> Iterator[BundleFacts]:
    for digest in needed(state):
        commit = commits.get(digest, "")
        found = look.at(f"bundle {digest}", partial(_bundle, road, digest, commit))
        if found is not None:
            yield found


def _bundle(road: Road, digest: str, commit: str) -> BundleFacts:
    try:
        stored = road.bundles.get(digest)
        for manifest in stored.manifests:
            road.bundles.evidence(manifest)
    except UsageError:
        return BundleFacts(digest, "it is not in the store", missing=True, commit=commit)
    except Refused as error:
        return BundleFacts(digest, error.message, commit=commit)
    files = {path: digest_bytes(content) for path, content in stored.bundle.files.items()}
    return BundleFacts(digest, files=files, commit=commit)


def _commits(told: Sequence[Recorded]) -> dict[str, str]:
    """Bundle -> a commit that it was cut of, or named by."""
    found = {one.fact.bundle: commit_in(one.fact.source) for one in told if isinstance(one.fact, Promoted)}
    found |= {
        one.fact.bundle: one.fact.commit for one in told if isinstance(one.fact, Cut) and not one.fact.uncommitted
    }
    return {bundle: commit for bundle, commit in found.items() if commit}


def _adopted(told: Sequence[Recorded]) -> Iterator[str]:
    for one in told:
        if isinstance(one.fact, Deploying) and any(step.kind is StepKind.ADOPT_DATABASE for step in one.fact.steps):
            yield one.fact.strategy


def _accounts(practice: Practice, state: EnvironmentState, look: _Looking) -> dict[str, Unexplained]:
    found = {}
    for known, bundle, slot in _standing(state):
        spec = practice.road.homes.spec(known.strategy, slot, bundle, state.place_of(known.strategy))
        ask = partial(_account, practice, known, spec, sharing(known.strategy, state, practice.road))
        if (told := look.at(f"account of {known.strategy}", ask)) is not None:
            found[known.strategy] = told
    return found


def _account(practice: Practice, known: StrategyState, spec: BotSpec, sharers: Sequence[str]) -> Unexplained | None:
    """The database is read once more after the account, so that what the bot orders meanwhile is in it; None where it tells nothing.

    It is read by the doctor's own look at the disk, which changes nothing there.
    """
    road = practice.road
    before = practice.disk.database(known.strategy)
    account = road.account_of(known.strategy)
    if account is None or not _readable(before) or before.known is None:
        return None
    since = max(filter(None, (before.known.since_at, known.accounted_at))) if before.known.since_at else None
    trades = [BookedTrade(one.pair, one.opened_at, one.terms) for one in before.trades if one.terms]
    looked = look(spec, before.known, trades, account, road)
    fills = account.fills(looked.pairs, since) if since else ()
    after = practice.disk.database(known.strategy)
    if after.known is None or not _readable(after):
        return None
    others = [one.known.ids for other in sharers if (one := practice.disk.database(other)).known]
    return unexplained(looked.orders, fills, replace(after.known, ids=after.known.ids.union(*others)), looked.pairs)


def _readable(database: DatabaseFacts) -> bool:
    return database.exists and not (database.damage or database.others or database.busy)


def _doubts(road: Road, strategies: Sequence[str]) -> Iterator[tuple[str, DoubtFacts]]:
    for strategy in strategies if road.doubts else ():
        if road.doubts and (found := road.doubts.of(strategy)):
            yield strategy, DoubtFacts(*found)


def _watch(road: Road, state: EnvironmentState | None, seen: Sequence[SeenBot] | None) -> WatchFacts:
    if road.watcher is None:
        return WatchFacts()
    known = state.strategies.values() if state and not state.away else ()
    should = any(one.standing or (one.progress and one.progress.target) for one in known)
    needed_now = should or any(bot.alive for bot in seen or ())
    home = road.watcher.home
    return WatchFacts(needed_now, home.watched_by(), home.looked_at()[1])


def _sharing(road: Road, state: EnvironmentState, look: _Looking) -> dict[str, tuple[Account, ...]]:
    found = {}
    for known, bundle, slot in _standing(state):
        spec = road.homes.spec(known.strategy, slot, bundle, state.place_of(known.strategy))
        if others := look.at(f"key of {known.strategy}", partial(road.homes.sharing, spec)):
            found[known.strategy] = others
    return found


def _tags(tags: Tags | None, told: Sequence[Recorded]) -> tuple[MovedTag, ...]:
    """Tags by which something boarded and that name another commit by now; one that is gone names none."""
    sources = [one.fact.source for one in told if isinstance(one.fact, Promoted)]
    names = dict.fromkeys(named[0] for source in sources if (named := named_in(source)) and named[0])
    found = []
    for name in names if tags else ():
        try:
            now = tags.tag(name) if tags else None
        except (UsageError, Refused):
            continue
        if now and (was := moved_from(now, sources)):
            found.append(MovedTag(name, was, now.commit))
    return tuple(found)
