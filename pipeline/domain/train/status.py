"""What runs where, since when and on which evidence: the ledger's word beside what is seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.bot import BotState
from pipeline.domain.notice_line import NoticeLine
from pipeline.domain.train.sight import SeenBot, of_strategy
from pipeline.domain.train.state import Block, EnvironmentState, StrategyState
from pipeline.domain.train.steps import short
from pipeline.domain.train.unobserved import Unobserved
from pipeline.domain.watch_process import RunningWatch


@dataclass(frozen=True, slots=True)
class Line:
    """One strategy in one environment. `bundle` is the digest that should run, "" where none should; `well` is False where a person should look."""

    environment: str
    strategy: str
    bundle: str
    since_at: datetime | None
    evidence: str
    bot: str
    entries: str
    open_trades: int | None
    well: bool


@dataclass(frozen=True, slots=True)
class WatchLine:
    """Who watches one environment, in words; `looked_at` is when its last round was, `lease_at` when the lease was last kept."""

    environment: str
    told: str
    looked_at: datetime | None
    lease_at: datetime | None
    well: bool


@dataclass(frozen=True, slots=True)
class BlockLine:
    """A bundle that may not board in one environment; `stands` where it is the one that should run there."""

    environment: str
    block: Block
    stands: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All that there is to say of a device's environments."""

    lines: tuple[Line, ...] = ()
    watches: tuple[WatchLine, ...] = ()
    blocks: tuple[BlockLine, ...] = ()
    unobserved: tuple[Unobserved, ...] = ()
    notices: tuple[NoticeLine, ...] = ()

    def __add__(self, other: "Overview") -> "Overview":
        return Overview(
            self.lines + other.lines,
            self.watches + other.watches,
            self.blocks + other.blocks,
            self.unobserved + other.unobserved,
            self.notices + other.notices,
        )


STALE = timedelta(minutes=2)
"""A round that took longer ago is told; while a verb of the watch's own waits, it goes on looking, but stopping a bot takes a minute."""


def watch_line(
    environment: str,
    found: RunningWatch | None,
    by: str,
    looked: tuple[datetime | None, datetime | None],
    now: datetime,
) -> WatchLine:
    """One environment's watch: `found` is what the runtime holds, `by` who watches ("": nobody), `looked` the last round and the lease."""
    looked_at, lease_at = looked
    up = found is not None and found.state is not BotState.DOWN
    if found is not None and up and by:
        told = f"watched since {found.since:%Y-%m-%d %H:%M} UTC"
        told += f", started again {found.restarts} times after crashes" if found.restarts else ""
    elif by:
        told = f"watched: {by}"
    elif up:
        told = "its watch is beginning"
    else:
        told = f"nobody watches: {found.reason}" if found is not None and found.reason else "nobody watches"
    stale = max(STALE, timedelta(seconds=3 * found.spec.interval_seconds)) if found else STALE
    fresh = looked_at is not None and now - looked_at < stale
    kept = lease_at is not None and now - lease_at < stale
    if by and fresh and not kept:
        told += ", and does not keep the lease, so that live bots stop entering"
    return WatchLine(environment, told, looked_at, lease_at, bool(by) and fresh and kept)


def block_lines(state: EnvironmentState) -> tuple[BlockLine, ...]:
    """The blocked bundles, the oldest block first."""
    standing = {known.standing.bundle for known in state.strategies.values() if known.standing}
    blocks = sorted(state.blocks.values(), key=lambda block: block.at)
    return tuple(BlockLine(state.environment, block, block.bundle in standing) for block in blocks)


def status(state: EnvironmentState, seen: Sequence[SeenBot]) -> tuple[Line, ...]:
    """One line a strategy, by id; bots that the ledger does not know included."""
    held = {bot.bot.spec.strategy for bot in seen if bot.bot.spec.environment == state.environment}
    return tuple(
        _line(state, state.of(strategy), of_strategy(seen, state.environment, strategy))
        for strategy in sorted(held | set(state.strategies))
    )


def _line(state: EnvironmentState, known: StrategyState, mine: Sequence[SeenBot]) -> Line:
    standing = known.standing
    bundle = standing.bundle if standing else ""
    own = next((b for b in mine if standing and (b.slot, b.bundle) == (standing.slot, standing.bundle)), None)
    last = next((d for d in reversed(known.deployments) if d.bundle == bundle and d.until_at is None), None)
    holds = state.holds(known.strategy, bundle) if standing else ()
    bot, well = _bot(known, own, mine)
    if state.away and not any(other.alive for other in mine):
        bot, well = ("moved away", True) if state.away.archive else ("is about to be moved away", False)
    entries = "; ".join(str(hold) for hold in holds) or ("yes" if own and own.entering else "no")
    well = well and (not standing or bool(holds) or bool(own and own.entering))
    trades = own.says.open_trades if own and own.says else None
    since, evidence = (last.since_at, last.evidence) if last else (None, "")
    return Line(state.environment, known.strategy, bundle, since, evidence, bot, entries, trades, well)


def _bot(known: StrategyState, own: SeenBot | None, mine: Sequence[SeenBot]) -> tuple[str, bool]:
    if known.progress and known.progress.target:
        return (
            f"the {known.progress.purpose.value.replace('_', ' ')} of {short(known.progress.target.bundle)} is not ended",
            False,
        )
    strays = [bot for bot in mine if bot is not own and bot.alive]
    if strays:
        return f"{strays[0].bot.spec.name} runs and should not", False
    if own is None:
        return ("down", False) if known.standing else ("none", True)
    if own.bot.state is BotState.DOWN:
        return f"down: {own.bot.reason}", False
    return ("up", True) if own.says else ("up, does not answer", False)
