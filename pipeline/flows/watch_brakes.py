"""What a watch finds about one bot is acted on at once: effective first, then recorded, then said to the bot. It waits for no lock, nor for a bot."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from pipeline.domain.bot import BotState
from pipeline.domain.train import soak
from pipeline.domain.train.account_brake import forgotten
from pipeline.domain.train.brakes import CHECK, to_record
from pipeline.domain.train.brakes_again import BrakesSee
from pipeline.domain.train.decisions import Braked, Doubted, Observed
from pipeline.domain.train.soak import Look
from pipeline.domain.train.state import EnvironmentState, HoldKind
from pipeline.domain.train.watching import (
    Due,
    Loop,
    Remembered,
    limits_of,
    own_trades,
    rolls_back,
    with_equity,
)
from pipeline.domain.verdict import Finding, Outcome, Verdict
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.flows.road import Road
from pipeline.flows.watch_bot import Seen
from pipeline.flows.watch_post import Post

AT_WORK = timedelta(minutes=15)
"""A verb that swaps a bot makes its loop stand still; one that has taken longer than this is not believed to be at work any more."""

DOUBT_SETTLES = timedelta(seconds=60)
"""Every live entry begins with a doubt and ends it when its order is recorded; a bot whose answer was lost asks the exchange after 15 s."""

Pause = Callable[[Seen], None]
"""Has a bot told to enter nothing, and does not wait for it."""


def remember(seen: Seen, bot: Remembered, state: EnvironmentState, post: Post, now: datetime) -> Remembered:
    """What is known after one more look: money, loop, and the limits that were seen to be reached."""
    road = post.road
    if not seen.wrong(road) and (earned := seen.earned()):
        bot = with_equity(bot, seen.capital(road), *earned, now, post.longest_gap)
    if seen.health and seen.health.last_loop_at:
        bot = replace(bot, looped_at=seen.health.last_loop_at)
    sees = brakes(seen, bot, state, post, now)
    known = {due.brake for due in bot.due}
    failed = [f for f in sees.read() if f.outcome is Outcome.FAIL and f.rule not in known]
    return replace(bot, due=(*bot.due, *(Due(f.rule, f.reason, sees.reading(bot.bundle, f)) for f in failed)))


def brakes(seen: Seen, bot: Remembered, state: EnvironmentState, post: Post, now: datetime) -> BrakesSee:
    """What is known that the brakes of the environment are read from."""
    limits = limits_of(post.road.environment.brakes)
    held, progress = seen.bot.bot, state.of(seen.bot.bot.spec.strategy).progress
    at_work = progress is not None and timedelta(0) <= now - progress.since_at < AT_WORK
    halted = seen.bot.says is not None and seen.bot.says.halted  # it enters nothing, and converging brings it back
    loop = None
    if held.state is BotState.RUNNING and not at_work and not halted:
        looped = seen.health.last_loop_at if seen.health else bot.looped_at
        awake = max(held.since, post.jumped_at or held.since)
        loop = Loop(awake, looped, None if seen.health else bot.asked_from)
    failed = post.order_errors.of(held.spec.strategy) if post.order_errors and limits.order_errors else None
    return BrakesSee(limits, bot.since, loop, bot.points, seen.closed, now, seen.candle, failed)


def braking(bot: Remembered, state: EnvironmentState, strategy: str) -> tuple[Braked, ...]:
    """The brakes that the ledger has not been told of yet."""
    reached = Verdict(tuple(Finding(CHECK, due.brake, Outcome.FAIL, due.reason) for due in bot.due))
    return to_record(reached, state, strategy, bot.bundle)


def brake(seen: Seen, facts: tuple[Braked, ...], post: Post, pause: Pause) -> None:
    """Stop the bot's entries for these reasons: its home first, so that no crash undoes it, then the ledger, then the bot is to be told.

    Raises:
        ToolFailed: not all of that worked, so that it is not certain that they stay stopped.
    """
    reason = "; ".join(f"brake {fact.brake}: {fact.reason}" for fact in facts)
    _all_of(
        partial(_hold, seen, reason, post),
        *(partial(post.road.record, fact) for fact in facts),
        partial(_hold_again, seen, reason, post),
        partial(pause, seen),
    )
    for fact in facts:
        then = "the last known good bundle follows" if rolls_back(post.road.environment, fact.brake) else "exits go on"
        post.tell(fact.strategy, f"braked by {fact.brake}: {fact.reason} Entries are stopped, {then}.", recorded=True)


def keep_held(seen: Seen, state: EnvironmentState, post: Post) -> None:
    """What the ledger holds is held by the bot's home as well, whoever took that away."""
    spec = seen.bot.bot.spec
    if holds := state.holds(spec.strategy, spec.bundle):
        _hold_again(seen, "; ".join(str(hold) for hold in holds), post)


def doubt(
    bots: tuple[Seen, ...], strategy: str, state: EnvironmentState, post: Post, now: datetime, pause: Pause
) -> bool:
    """Whether a bot's database has a doubt beside it; one that stays is recorded, once, as long as it is the same.

    Raises:
        ToolFailed: as `brake`.
    """
    found = post.doubts.of(strategy)
    if found is None:
        return False
    told, since = found
    reason = f"the account is not reconciled: {told}"
    holds = state.of(strategy).holds
    known = any(hold.kind is HoldKind.DOUBT and hold.reason == reason for hold in holds)
    if known or timedelta(0) <= now - since < DOUBT_SETTLES:
        return True
    hold_doubted(bots, strategy, reason, post, pause)
    return True


def hold_doubted(bots: Sequence[Seen], strategy: str, reason: str, post: Post, pause: Pause) -> None:
    """Stop a strategy's entries until a person has looked: homes first, then the ledger, then the bots are to be told; somebody is.

    Raises:
        ToolFailed: as `brake`.
    """
    _all_of(
        *(partial(_hold, seen, reason, post) for seen in bots),
        partial(post.road.record, Doubted(post.road.environment.name, strategy, reason)),
        *(partial(_hold_again, seen, reason, post) for seen in bots),
        *(partial(pause, seen) for seen in bots),
    )
    post.tell(strategy, f"{reason}. Entries are stopped until a person releases them.", recorded=True)


def pause(seen: Seen, road: Road) -> None:
    """Tell a bot to enter nothing; it may hang for as long as it is given to answer. Raises ToolFailed where it does not hear."""
    road.homes.bot(seen.bot.bot.spec).stop_entries()


def not_told(seen: Seen, answer: Callable[[], None], post: Post) -> None:
    """Narrate that a bot did not hear, where that is what `answer` raises: its home holds it all the same."""
    try:
        answer()
    except ToolFailed as error:
        post.road.narrator.say(
            f"{seen.bot.bot.spec.name} does not answer ({error.message}); it reads its home before every entry"
        )


def shown(
    seen: Seen, bot: Remembered, state: EnvironmentState, post: Post, now: datetime, *, doubtful: bool
) -> Remembered:
    """Count the time that the bundle was seen healthy, and its trades; the ledger is told what boarding depends on.

    Healthy is a bot that may enter, answers everything, is what it was started as, and has reached no brake that could be read, all of them.
    """
    strategy = seen.bot.bot.spec.strategy
    known = state.of(strategy)
    healthy = not (seen.wrong(post.road) or doubtful or known.progress or state.holds(strategy, bot.bundle))
    healthy = healthy and seen.bot.entering and _reached_none(brakes(seen, bot, state, post, now), bot, post)
    healthy = healthy and bool(bot.points) and bot.points[-1].at == now
    trades = bot.soaking.closed_trades if seen.closed is None else own_trades(seen.closed, state, strategy, bot.bundle)
    bot = replace(bot, soaking=soak.looked(bot.soaking, Look(now, healthy, trades), post.longest_gap))
    if not healthy:
        return bot
    facts = soak.to_record(
        bot.soaking,
        state,
        strategy,
        healthy_hours=post.demanded.healthy_hours,
        closed_trades=post.demanded.closed_trades,
        every=timedelta(seconds=post.observed_seconds),
    )
    before = known.observed.get(bot.bundle)
    for fact in facts:
        if len(facts) > 1 or not isinstance(fact, Observed) or _matters(fact, before, post):
            post.road.record(fact)
        if not isinstance(fact, Observed):
            told = f"known to be good: {fact.healthy_hours:.1f} h healthy, {fact.closed_trades} trades"
            post.tell(strategy, told, recorded=True)
    return bot


def _reached_none(sees: BrakesSee, bot: Remembered, post: Post) -> bool:
    """Whether every brake could be read, and none is reached; the account's, which all its bots are read for, only must be readable."""
    readable = post.road.environment.brakes.account_loss_max_ratio is None or not forgotten(bot.lost_before, sees.now)
    return readable and Verdict(sees.read()).outcome is Outcome.PASS


def _matters(fact: Observed, before: Observed | None, post: Post) -> bool:
    """Trades beyond those that boarding asks for wait for the next stretch of healthy time, so that a busy bot does not fill the ledger."""
    further = fact.healthy_hours - (before.healthy_hours if before else 0.0)
    enough = before is not None and before.closed_trades >= post.demanded.closed_trades
    return not enough or further * 3600 >= post.observed_seconds


def _hold(seen: Seen, reason: str, post: Post) -> None:
    post.road.homes.hold(seen.bot.bot.spec, reason)


def _hold_again(seen: Seen, reason: str, post: Post) -> None:
    """A verb that had read the ledger before may have released the bot meanwhile."""
    if not post.road.homes.held(seen.bot.bot.spec):
        _hold(seen, reason, post)


def _all_of(*does: Callable[[], None]) -> None:
    """Do all of it, whatever fails: a disk that is full must not keep the bot from being told."""
    failures: list[str] = []
    for one in does:
        try:
            one()
        except FreqtrainError as error:
            failures.append(error.message)
    if failures:
        raise ToolFailed("; ".join(dict.fromkeys(failures)))
