"""One look at one bot: what it says of itself, asked for once, and what could not be asked."""

from dataclasses import dataclass
from decimal import Decimal

from pipeline.domain.bot import BotState, RunningBot
from pipeline.domain.bot_report import BotHealth, BotIdentity, Profit
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.sight import SeenBot
from pipeline.errors import ToolFailed
from pipeline.flows.road import Road


@dataclass(frozen=True, slots=True)
class Seen:
    """A bot, and what it told; None where it was not told. `trouble` says why something was not."""

    bot: SeenBot
    identity: BotIdentity | None = None
    health: BotHealth | None = None
    profit: Profit | None = None
    closed: tuple[ClosedTrade, ...] | None = None
    trouble: str = ""

    def capital(self, road: Road) -> Decimal:
        """What it was given: the environment's capital for each bot, or less where it says so."""
        given = road.environment.limits.capital_per_bot
        own = self.identity.capital if self.identity else None
        return given if own is None else min(given, own)

    def wrong(self, road: Road) -> str:
        """What does not fit about what answers; empty where all of it does."""
        if self.identity is None:
            return self.trouble or "it does not answer"
        if self.identity.bundle != self.bot.bundle:
            return "it says that it is another bundle"
        if self.identity.dry_run != road.environment.dry_run:
            return "it trades in another mode"
        return self.trouble


class Looks:
    """Looks at bots; remembers closed trades, which are asked for again only where there are more of them."""

    def __init__(self) -> None:
        self._closed: dict[tuple[str, str], tuple[ClosedTrade, ...]] = {}

    def at(self, bot: RunningBot, road: Road) -> Seen:
        """Ask the bot for everything, the first thing that it does not tell last."""
        seen = SeenBot(bot, road.says(bot) if bot.state is not BotState.DOWN else None, bot.gave_up)
        if seen.says is None:
            return Seen(seen, trouble="it does not answer")
        identity = health = profit = closed = None
        try:
            api = road.homes.bot(bot.spec)
            identity, health = api.identity(), api.health()
            profit = api.profit()
            closed = self._closed.get((bot.spec.name, bot.spec.bundle))
            if closed is None or len(closed) != profit.closed_trades:
                closed = api.closed_trades()
                self._closed[bot.spec.name, bot.spec.bundle] = closed
        except ToolFailed as error:
            return Seen(seen, identity, health, profit, None, error.message)
        return Seen(seen, identity, health, profit, closed)
