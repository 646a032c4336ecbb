"""One look at one bot: what it says of itself, asked for once, and what could not be asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from pipeline.domain.bot import BotState, RunningBot
from pipeline.domain.bot_report import BotHealth, BotIdentity, Candle, OpenTrade, Profit
from pipeline.domain.trades import ClosedTrade, quote_of
from pipeline.domain.train.own import in_currency
from pipeline.domain.train.sight import SeenBot
from pipeline.domain.train.state import EnvironmentState
from pipeline.errors import ToolFailed
from pipeline.flows.road import Road
from pipeline.ports import Bot


@dataclass(frozen=True, slots=True)
class Seen:
    """A bot, and what it told by that time; None where it was not told. `trouble` says why something was not."""

    bot: SeenBot
    seen_at: datetime
    identity: BotIdentity | None = None
    health: BotHealth | None = None
    profit: Profit | None = None
    closed: tuple[ClosedTrade, ...] | None = None
    positions: tuple[OpenTrade, ...] | None = None
    candle: Candle | None = None
    trouble: str = ""

    def capital(self, road: Road) -> Decimal:
        """What it was given: the environment's capital for each bot, or less where it says so.

        A bot that goes on in an earlier currency has only its own word: the environment's amount is in another coin.
        """
        given = road.environment.limits.capital_per_bot
        own = self.identity.capital if self.identity else None
        if own is None or self.identity is None:
            return given
        return min(given, own) if self.identity.stake_currency == road.environment.stake_currency else own

    def earned(self) -> tuple[Decimal, tuple[ClosedTrade, ...]] | None:
        """What its trades in its stake currency earned, open ones at current prices included, and the closed ones; None where it does not tell.

        Trades in an earlier currency are no part of its equity.
        """
        if self.identity is None or self.profit is None or self.profit.with_open is None or self.closed is None:
            return None
        currency, with_open = self.identity.stake_currency, self.profit.with_open
        mine = in_currency(self.closed, currency)
        with_open -= sum((Decimal(str(t.profit)) for t in self.closed if quote_of(t.pair) != currency), Decimal(0))
        for position in self.still_open():
            if quote_of(position.pair) != currency and position.amount:
                if position.profit is None:
                    return None
                with_open -= position.profit
        return with_open, mine

    def still_open(self) -> tuple[OpenTrade, ...]:
        """The positions that were not closed while it was asked: open ones are told first, so that none is missed."""
        done = {(trade.pair, trade.opened_at) for trade in self.closed or ()}
        return tuple(trade for trade in self.positions or () if (trade.pair, trade.opened_at) not in done)

    def wrong(self, road: Road) -> str:
        """What does not fit about what answers; empty where all of it does."""
        if self.identity is None:
            return self.trouble or "it does not answer"
        if self.identity.bundle != self.bot.bundle:
            return "it says that it is another bundle"
        if self.identity.dry_run != road.environment.dry_run:
            return "it trades in another mode"
        return self.trouble


def standing(seen: Sequence[Seen], state: EnvironmentState, strategy: str) -> tuple[Seen, ...]:
    """Of a strategy's bots the one that should run."""
    stands = state.of(strategy).standing
    return tuple(one for one in seen if stands and (one.bot.slot, one.bot.bundle) == (stands.slot, stands.bundle))


def unheard(bot: RunningBot, at: datetime) -> Seen:
    """A bot that has told nothing by that time."""
    return Seen(SeenBot(bot, None, bot.gave_up), at, trouble="it does not answer")


CANDLES_EVERY, PAIRS_AT_ONCE = timedelta(minutes=1), 3
"""How often a bot is asked for candles, and of how many of its pairs, by turns: a feed that stands still does so for all of them."""


@dataclass(frozen=True, slots=True)
class _Candles:
    """What a bot told of its candles: when it was asked last, how many pairs it was asked for by then, and the newest of all."""

    asked_at: datetime
    asked: int
    newest: Candle | None


class Looks:
    """Looks at bots; remembers closed trades, which are asked for again only where there are others. Different bots may be asked at once."""

    def __init__(self) -> None:
        self._closed: dict[tuple[str, str], tuple[Profit, tuple[ClosedTrade, ...]]] = {}
        """With what the bot said of all of them when they were asked for: a database that was begun anew may come to as many."""
        self._candles: dict[tuple[str, str], _Candles] = {}

    def at(self, bot: RunningBot, road: Road) -> Seen:
        """Ask the bot for everything, the first thing that it does not tell last."""
        return replace(self._asked(bot, road), seen_at=road.clock.now())

    def _asked(self, bot: RunningBot, road: Road) -> Seen:
        silent = unheard(bot, road.clock.now())
        if bot.state is BotState.DOWN:
            return silent
        health = profit = closed = candle = None
        try:
            api = road.homes.bot(bot.spec)
            identity = api.identity()
            positions = api.open_trades() if identity.name == bot.spec.name else ()
            said = road.heard(bot, identity, len(positions))
        except ToolFailed:
            return silent
        if said is None:
            return silent
        seen, trouble = SeenBot(bot, said, bot.gave_up), ""
        try:
            health = api.health()
            profit = api.profit()
            closed = self._closed_trades(bot, profit, api)
            candle = self._newest_candle(bot, identity, api, road)
        except ToolFailed as error:
            trouble = error.message
        return Seen(seen, silent.seen_at, identity, health, profit, closed, positions, candle, trouble)

    def _closed_trades(self, bot: RunningBot, profit: Profit, api: Bot) -> tuple[ClosedTrade, ...]:
        known = self._closed.get((bot.spec.name, bot.spec.bundle))
        if known and (known[0].closed_trades, known[0].closed) == (profit.closed_trades, profit.closed):
            return known[1]
        closed = api.closed_trades()
        self._closed[bot.spec.name, bot.spec.bundle] = profit, closed
        return closed

    def _newest_candle(self, bot: RunningBot, identity: BotIdentity, api: Bot, road: Road) -> Candle | None:
        """The newest candle of any pair, where there is a brake on its age. A pair that nobody trades has old ones, so the others count."""
        if road.environment.brakes.stale_candles is None or not identity.timeframe:
            return None
        key, now = (bot.spec.name, bot.spec.bundle), road.clock.now()
        known = self._candles.get(key, _Candles(now, 0, None))
        if known.asked and timedelta(0) <= now - known.asked_at < CANDLES_EVERY:
            return known.newest
        pairs = api.pairs()
        turn = [pairs[(known.asked + place) % len(pairs)] for place in range(min(PAIRS_AT_ONCE, len(pairs)))]
        found = [candle for pair in turn if (candle := api.candle(pair, identity.timeframe))]
        newest = max([*found, *([known.newest] if known.newest else [])], key=lambda one: one.began_at, default=None)
        self._candles[key] = _Candles(now, known.asked + len(turn), newest)
        return newest
