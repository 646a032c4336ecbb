"""What a watch has done about what it found: a braked bundle is taken back where its brake says so, and what should run is started."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.domain.train.converge import converge_one, paused_by_hand
from pipeline.domain.train.sight import SeenBot
from pipeline.domain.train.state import EnvironmentState, HoldKind
from pipeline.domain.train.watching import Kept, rolls_back
from pipeline.errors import FreqtrainError, Locked
from pipeline.flows.converge import converge
from pipeline.flows.road import Road
from pipeline.flows.roll_back import roll_back
from pipeline.flows.take_back import was_rolled_back
from pipeline.flows.watch_post import BY_BRAKE, BY_WATCH, Post


def mend(strategy: str, seen: Sequence[SeenBot], kept: Kept, state: EnvironmentState, post: Post, road: Road) -> Kept:
    """Bring one strategy to what should run, if it is not there and it is time to try; returns what is to be kept of it.

    Another verb that is at work goes first. What was tried in vain is tried again after a while that doubles, so that neither the device nor
    the ledger is worn out. `road` is the one on which somebody looks on meanwhile;
    `state` may be a little old, because whatever acts reads the ledger anew.
    """
    now, standing = road.clock.now(), state.of(strategy).standing
    back = roll_back_due(strategy, state, road)
    if not back and not astray(strategy, seen, state, road):
        down = next((bot for bot in seen if bot.gave_up and not bot.alive), None)
        told = f"{down.bot.spec.name} is down and stays down: {down.bot.reason}" if down else ""
        return _told(Kept(kept.bot, told=kept.told), strategy, told, post)
    if not kept.may_try(now):
        return kept
    told, went = "", False
    try:
        if back and standing:
            told = roll_back(strategy, road, BY_BRAKE, back, only=standing.bundle)
            went = True
        else:
            with road.locked(BY_WATCH):
                converge(road, BY_WATCH, strategy)
    except Locked:
        return kept
    except FreqtrainError as error:
        told = error.message
    return _told(replace(kept, tries=kept.tries + 1, tried_at=road.clock.now()), strategy, told, post, recorded=went)


def roll_back_due(strategy: str, state: EnvironmentState, road: Road) -> str:
    """Why the bundle that stands is to be taken back without a person; empty where it is not, or was already.

    It is read from the ledger, so that a watch that died before or in the middle of it does it all the same. What is on its way is converged first.
    """
    known = state.of(strategy)
    if known.standing is None or known.progress is not None:
        return ""
    bundle = known.standing.bundle
    holds = [hold for hold in known.holds if (hold.kind, hold.bundle) == (HoldKind.BRAKE, bundle)]
    holds = [hold for hold in holds if rolls_back(road.environment, hold.reason.partition(":")[0])]
    if not holds:
        return ""
    since = min(hold.at for hold in holds)
    if was_rolled_back(strategy, bundle, since, road):
        return ""
    return "; ".join(hold.reason for hold in holds)


def astray(strategy: str, seen: Sequence[SeenBot], state: EnvironmentState, road: Road) -> bool:
    """Whether something is to be converged. A silent bot that stands is not: it may only be slow, and its heartbeat's brake decides."""
    known, seen = state.of(strategy), [_now(bot, road) for bot in seen]
    standing, interrupted = known.standing, known.progress is not None and known.progress.target is not None
    for bot in seen:
        stands = standing is not None and (bot.slot, bot.bundle) == (standing.slot, standing.bundle)
        if stands and bot.alive and bot.says is None and not interrupted:
            return False
    if paused_by_hand(seen, state, strategy):
        return (
            True  # It is recorded, so that a person releases it; and a loop that was stopped manages its exits again.
        )
    return converge_one(seen, state, strategy, road.clock.now()) is not None


def _told(kept: Kept, strategy: str, told: str, post: Post, *, recorded: bool = False) -> Kept:
    """Tell it, unless it is what was told last."""
    if told and told != kept.told:
        post.tell(strategy, told, recorded=recorded)
    return replace(kept, told=told)


def _now(bot: SeenBot, road: Road) -> SeenBot:
    """The bot as it is after a brake of this very round, which it was seen before."""
    free = bot.says is not None and bot.says.entries and not road.homes.held(bot.bot.spec)
    return replace(bot, says=replace(bot.says, entries=free)) if bot.says else bot
