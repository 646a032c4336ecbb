"""Before a swap: what the new version would do to each open trade."""

from pipeline.domain.bot_report import OpenTrade as Open
from pipeline.domain.train.open_trades import OpenTrade, Side, report
from pipeline.domain.train.plan import Plan
from pipeline.domain.train.sight import of_strategy
from pipeline.errors import ToolFailed
from pipeline.flows.road import Road


def report_open_trades(plan: Plan, road: Road) -> tuple[str, ...]:
    """One sentence for each trade, or why there is none to tell."""
    if plan.old is None:
        return ("no bot runs yet, so no trade changes hands",)
    mine = of_strategy(road.seen(plan.strategy), road.environment.name, plan.strategy)
    old = next((bot for bot in mine if (bot.slot, bot.bundle) == (plan.old.slot, plan.old.bundle)), None)
    try:
        trades = road.homes.bot(old.bot.spec).open_trades() if old else ()
    except ToolFailed as error:
        return (f"the old bot does not tell its trades ({error.message})",)
    facts = [road.bundles.get(bundle).newest.facts for bundle in (plan.old.bundle, plan.goal.bundle)]
    told = []
    for one in report(facts[0], facts[1], [_trade(trade) for trade in trades], road.clock.now()):
        effects = "; ".join(effect.sentence for effect in one.effects) or "nothing changes"
        told.append(f"{one.trade.pair}: {effects}")
    return tuple(told) or ("no trade is open",)


def _trade(trade: Open) -> OpenTrade:
    ratio = trade.profit / trade.stake if trade.profit is not None and trade.stake else None
    side = Side.SHORT if trade.is_short else Side.LONG
    current, profit, stop = (None if x is None else float(x) for x in (trade.current_rate, ratio, trade.stop_rate))
    return OpenTrade(trade.pair, side, trade.opened_at, float(trade.open_rate), current, profit, stop)
