"""On which pairs an account is compared with a database: those that the bot may trade, and where pair lists choose, all that it is known to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.account_report import AccountOrder, KnownOrders
from pipeline.domain.bot import BotSpec
from pipeline.domain.trades import quote_of
from pipeline.domain.trading.environment import pairs_for
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.terms import BookedTrade, elsewhere, foreign, terms_of
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.handover import answering
from pipeline.flows.road import Road
from pipeline.ports import ExchangeAccount


@dataclass(frozen=True, slots=True)
class Looked:
    """What waits on an account: `pairs` are all that are compared, `own` those of them that the bot is known to trade."""

    pairs: tuple[str, ...]
    own: frozenset[str]
    orders: tuple[AccountOrder, ...]


def look(
    spec: BotSpec, known: KnownOrders, trades: Sequence[BookedTrade], account: ExchangeAccount, road: Road
) -> Looked:
    """Ask an account for its waiting orders.

    Where pair lists choose, the bot's pairs are those that its database ever held, those on its list now, if it answers, and that of its
    doubt. Orders on other pairs in the stake currency are looked at as well, where the exchange tells them.

    Args:
        known: what the strategy's database tells; `trades` are those that it holds open.

    Raises:
        Refused, ToolFailed: the exchange could not be asked, or nothing is left to trade.
    """
    environment = road.environment
    if not environment.dynamic_pairs:
        pairs = _fixed(spec, trades, account, road)
        return Looked(pairs, frozenset(pairs), account.open_orders(pairs))
    found = {*known.pairs, *_listed_by(spec, road)}
    if road.doubts and road.doubts.of(spec.strategy):
        found.add(road.doubts.pair_of(spec.strategy))
    return waiting(found - {""}, environment.stake_currency, account)


def waiting(own: Iterable[str], stake_currency: str, account: ExchangeAccount) -> Looked:
    """The orders on these pairs, as far as the exchange still trades them, and on all others in the stake currency that it tells of."""
    mine = account.listed(sorted(own))
    orders = {order.id: order for order in account.open_orders(mine)}
    anywhere = account.open_orders_anywhere() or ()
    beyond = [one for one in anywhere if one.pair not in mine and quote_of(one.pair) == stake_currency]
    orders |= {order.id: order for order in beyond}
    return Looked((*mine, *dict.fromkeys(one.pair for one in beyond)), frozenset(mine), tuple(orders.values()))


def explained(strategy: str, road: Road) -> KnownOrders:
    """What the strategy's database knows, read now. Where pair lists choose, the orders of all bots that had the account are explained too.

    Raises:
        Refused: a database cannot be read.
    """
    mine = road.databases.known_orders(strategy)
    others = (road.databases.known_orders(other) for other in sharing(strategy, road.state(), road))
    return replace(mine, ids=mine.ids.union(*(known.ids for known in others)))


def sharing(strategy: str, state: EnvironmentState, road: Road) -> tuple[str, ...]:
    """The other strategies that trade, or traded, on the same account, and may have on the same pairs, because pair lists choose them."""
    environment = road.environment
    if not environment.dynamic_pairs or environment.own_account(strategy):
        return ()
    return tuple(
        other for other in sorted(state.strategies) if other != strategy and not environment.own_account(other)
    )


def _fixed(spec: BotSpec, trades: Sequence[BookedTrade], account: ExchangeAccount, road: Road) -> tuple[str, ...]:
    """The pairs of the bundle there, and those of trades that are open in an earlier currency of the environment."""
    terms = terms_of(road.environment)
    left = [trade.pair for trade in foreign(trades, terms) if not elsewhere((trade,), terms)]
    more = account.listed(tuple(dict.fromkeys(left))) if left else ()
    try:
        pairs = pairs_for(road.environment, road.bundles.get(spec.bundle).bundle.pairs)
    except ValueError as error:
        if not more:
            hint = f"`freqtrain environment check {road.environment.name}`"
            raise Refused(str(error), hint=hint) from error
        pairs = ()
    return (*pairs, *(pair for pair in more if pair not in pairs))


def _listed_by(spec: BotSpec, road: Road) -> tuple[str, ...]:
    """The pairs on the bot's list at present; none where it does not answer: those that it bought are in its database."""
    try:
        bot = answering(spec, road)
        return bot.pairs() if bot else ()
    except ToolFailed:
        return ()
