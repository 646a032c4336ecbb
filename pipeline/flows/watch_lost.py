"""What deployments before lost on this day, found anew where it was forgotten: a watch's memory that is lost makes no account's brake looser."""

from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.account_brake import Lost, forgotten
from pipeline.domain.train.decisions import Released
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.lost_before import NEAR, Told, counts_from, earlier_today, lost_before, stood_at
from pipeline.domain.train.own import in_currency, joined
from pipeline.domain.train.samples import Sample
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.watching import Remembered, equity_at_start
from pipeline.errors import ToolFailed
from pipeline.flows.watch_bot import Seen
from pipeline.flows.watch_post import Post
from pipeline.ports import PastObservations


def found_again(seen: Seen, bot: Remembered, state: EnvironmentState, post: Post, now: datetime) -> Remembered:
    """The same, or with what was lost before, if the bot's trades, the observations and the ledger tell it together."""
    if post.road.environment.brakes.account_loss_max_ratio is None or not forgotten(bot.lost_before, now):
        return bot
    if not bot.points or seen.identity is None or seen.closed is None or seen.positions is None:
        return bot
    strategy, currency = seen.bot.bot.spec.strategy, seen.identity.stake_currency
    begin = counts_from(_released(strategy, post, now), now)
    closed, samples = _observed(strategy, begin, state, post)
    told = joined(closed, seen.closed)
    mine = in_currency(told, currency)
    near = [one for one in samples if one.currency == currency]
    opened = [position.opened_at for position in seen.still_open()]
    lost = lost_before(Told(told, mine, opened, near), state, strategy, begin, bot.since)
    if lost is None:
        return bot
    # A first look that came in time measures from what open positions were worth by then: what they had lost was lost before.
    began_with = equity_at_start(seen.capital(post.road), in_currency(seen.closed, currency), bot.since)
    lost -= bot.points[0].value - float(began_with)
    return replace(bot, lost_before=Lost(bot.since, lost))


def _released(strategy: str, post: Post, now: datetime) -> list[datetime]:
    """When a person released it today."""
    entries = [one for one in post.road.ledger.entries() if one.kind == "released" and now - one.at < timedelta(days=1)]
    facts = [(one.at, one.fact) for one in recorded(entries)]
    return [at for at, fact in facts if isinstance(fact, Released) and fact.strategy == strategy]


def _observed(
    strategy: str, begin: datetime, state: EnvironmentState, post: Post
) -> tuple[tuple[ClosedTrade, ...], tuple[Sample, ...]]:
    """The trades that were kept of the bundles which stood since, and samples about the beginning; none where nothing can be read."""
    try:
        past = post.past() if post.past is not None else None
        return _read(past, strategy, begin, state) if past is not None else ((), ())
    except ToolFailed as error:
        post.road.narrator.say(error.message)
        return (), ()


def _read(
    past: PastObservations, strategy: str, begin: datetime, state: EnvironmentState
) -> tuple[tuple[ClosedTrade, ...], tuple[Sample, ...]]:
    bundles = dict.fromkeys(made.bundle for made in earlier_today(state, strategy, begin))
    closed = tuple(trade for bundle in bundles for trade in past.trades(strategy, bundle))
    return closed, past.samples(strategy, stood_at(state, strategy, begin), begin - NEAR, begin + NEAR)
