"""Open trades beside the configuration that a bot is started with: what was entered on other terms is ended on those, or entries are held."""

from pipeline.domain.bot import BotSpec
from pipeline.domain.train.decisions import Doubted
from pipeline.domain.train.movements import Purpose, TradePolicy
from pipeline.domain.train.plan import Plan
from pipeline.domain.train.steps import short
from pipeline.domain.train.terms import BookedTrade, Terms, against_open_trades, elsewhere, foreign, held_for, terms_of
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.road import Road

NEW = frozenset({Purpose.DEPLOY, Purpose.DRAIN})
"""Somebody wants something new, and what ran before goes on where it is refused. Every other plan brings back what manages the exits."""


def against(plan: Plan, spec: BotSpec, road: Road) -> tuple[str, ...]:
    """What open trades say against a plan that somebody asked for, one sentence at most.

    Nothing where the old bot ends them first. A roll-back is refused only where its bot could not even sell them: another currency holds its
    entries, and that is all.
    """
    if plan.trades in (TradePolicy.EXIT, TradePolicy.DRAIN):
        return ()
    try:
        trades = road.databases.open_trades(plan.strategy)
    except Refused as error:
        if plan.purpose in NEW:
            return (error.message,)
        road.narrator.say(f"{plan.strategy}: {error.message}")
        return ()
    if plan.purpose not in NEW:
        trades = () if _fitting(spec, trades, road) else elsewhere(trades, terms_of(road.environment))
    told = against_open_trades(road.environment, plan.strategy, trades)
    return (told,) if told else ()


def stays(plan: Plan, spec: BotSpec, road: Road) -> str:
    """Why the bot's home stays as it lies, instead of being written anew; "" where nothing speaks for that.

    Its open trades were entered on the terms of that home, and not on those that the environment has now. Never for a deployment: whoever
    asks for one wants the environment as it is now.
    """
    if plan.purpose in NEW:
        return ""
    trades = _booked(plan.strategy, road)
    if not foreign(trades, terms_of(road.environment)):
        return ""
    home = _fitting(spec, trades, road)
    if home is None or road.homes.against(spec, road.bundles.get(spec.bundle)):
        return ""
    return f"its home stays as it is, in {home}: the trades that are open were entered so"


def demand_startable(plan: Plan, spec: BotSpec, road: Road) -> None:
    """Refuse to start a bot that could not manage what is open.

    A deployment is refused altogether. What stands or comes back is started all the same where only the currency differs, because exits work
    then; `unfit` holds its entries.

    Raises:
        ToolFailed: open trades were entered on other terms; the message names them.
    """
    if plan.trades is TradePolicy.EXIT:
        return  # The old bot sells them before the new one gets the database.
    trades = _booked(plan.strategy, road)
    home = road.homes.terms(spec) or terms_of(road.environment)
    strange = foreign(trades, home) if plan.purpose in NEW else elsewhere(trades, home)
    if strange:
        told = against_open_trades(road.environment, plan.strategy, strange)
        raise ToolFailed(told or f"its home is in {home}, and open trades are not", hint="nothing was started")


def unfit(strategy: str, spec: BotSpec, road: Road) -> str:
    """Why a bot that was started must not enter: its home or its open trades are not on the environment's terms. "" where they are."""
    home = road.homes.terms(spec) or terms_of(road.environment)
    return held_for(road.environment, strategy, short(spec.bundle), home, _booked(strategy, road))


def doubted(strategy: str, told: str, road: Road) -> str:
    """Record a doubt, once as long as it stands; returns it."""
    if not any(hold.reason == told for hold in road.state().of(strategy).holds):
        road.record(Doubted(road.environment.name, strategy, told))
    return told


def _fitting(spec: BotSpec, trades: tuple[BookedTrade, ...], road: Road) -> Terms | None:
    """The terms of the bot's home, where all these trades were entered on them."""
    home = road.homes.terms(spec)
    return home if home is not None and not foreign(trades, home) else None


def _booked(strategy: str, road: Road) -> tuple[BookedTrade, ...]:
    """A database that cannot be read explains nothing; its bot refuses to start on it, or its account is not reconciled."""
    try:
        return road.databases.open_trades(strategy)
    except Refused as error:
        road.narrator.say(f"{strategy}: {error.message}")
        return ()
