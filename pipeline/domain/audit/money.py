"""The account through the window: never more invested than it had, and each stake what freqtrade gives."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.audit.terms import Terms
from pipeline.domain.canonical import Plain
from pipeline.domain.job import Account
from pipeline.domain.markets import units_of
from pipeline.domain.trades import ClosedTrade, Fill

Numbered = tuple[int, ClosedTrade]
"""A trade and its place in the list, from 0."""

SMALL_STAKE = 3.0
"""Below so many times the exchange's least cost freqtrade changes stakes, so that they are not compared."""


@dataclass(slots=True)
class Moment:
    """All fills of one candle.

    The order within it is not known. `wallet` is what the account began with and every profit realised before; `gains` and `losses` (negative) are
    realised here. `before` and `after` are what is invested at cost before and after, `released` the cost of what is sold.
    """

    at: datetime
    wallet: float
    before: float
    purchases: list[tuple[int, ClosedTrade, Fill]] = field(default_factory=list)
    gains: float = 0.0
    losses: float = 0.0
    released: float = 0.0
    after: float = 0.0

    @property
    def prompt(self) -> bool:
        """Whether every purchase here is a trade's first and was made in the candle in which it was ordered."""
        return all(fill is trade.fills[0] and trade.opened_at == self.at for _, trade, fill in self.purchases)


def moments(trades: Sequence[Numbered], starting_balance: float) -> Iterator[Moment]:
    """Follow the account as freqtrade does: positions at cost, fees and profits when something is sold."""
    events: dict[datetime, list[tuple[int, ClosedTrade, Fill]]] = defaultdict(list)
    for number, trade in trades:
        for fill in trade.fills:
            events[fill.at].append((number, trade, fill))
    positions: dict[int, _Position] = defaultdict(_Position)
    wallet, invested = starting_balance, 0.0
    for at in sorted(events):
        moment = Moment(at, wallet, invested)
        for number, trade, fill in events[at]:
            position = positions[number]
            if fill.side == "buy":
                position.amount += fill.amount
                position.stake += fill.amount * fill.price
                moment.purchases.append((number, trade, fill))
                continue
            average = position.stake / position.amount if position.amount > 0 else 0.0
            back, paid = fill.price * (1.0 - trade.fee_close_ratio), average * (1.0 + trade.fee_open_ratio)
            profit = fill.amount * (back - paid)
            moment.gains, moment.losses = moment.gains + max(profit, 0.0), moment.losses + min(profit, 0.0)
            moment.released += fill.amount * average
            position.amount -= fill.amount
            position.stake -= fill.amount * average
            if fill is trade.fills[-1]:
                del positions[number]
        invested = moment.after = sum(position.stake for position in positions.values())
        wallet += moment.gains + moment.losses
        yield moment


@dataclass(slots=True)
class _Position:
    """What a trade holds, at cost."""

    amount: float = 0.0
    stake: float = 0.0


def capital(trades: Sequence[Numbered], account: Account, terms: Terms) -> Iterator[tuple[int, str, str]]:
    """Never more in trades, at cost, than a share of the account.

    Sales count before purchases and losses after them: what is refused here was impossible in any order.
    """
    for moment in moments(trades, account.wallet):
        share = terms.balance_share if moment.prompt else 1.0
        allowed = (moment.wallet + moment.gains) * share
        if moment.purchases and moment.after > allowed + 1e-6 * account.wallet:
            reason = (
                f"brings what is invested to {moment.after:.8g} {account.stake_currency}, "
                f"but the account had {allowed:.8g} for it at {moment.at:%Y-%m-%d %H:%M}"
            )
            yield moment.purchases[-1][0], "capital", reason


def stakes(
    trades: Sequence[Numbered], account: Account, terms: Terms, markets: Mapping[str, Plain]
) -> Iterator[tuple[int, str, str]]:
    """Where nothing but freqtrade decides on stakes, each is what the account gives at that time; trades that are left out show here.

    An amount in the stake currency is bought as it is; an equal share of the account is the invested part of the account over the number of
    slots, or what is left where that is less (freqtrade's `get_trade_stake_amount`).
    """
    if terms.free_stake or terms.free_entry_price or account.max_open_trades <= 0:
        return
    for moment in moments(trades, account.wallet):
        bought = sum(fill.amount * fill.price for _, _, fill in moment.purchases)
        for number, trade, fill in moment.purchases:
            market = units_of(markets, trade.pair)
            paid, slack = fill.amount * fill.price, float(market.step) * fill.price + 1e-6 * account.wallet
            poor, rich = (
                _stake(account, terms, wallet, invested)
                for wallet, invested in (
                    (moment.wallet + moment.losses, moment.before + bought - paid),
                    (moment.wallet + moment.gains, moment.before - moment.released),
                )
            )
            if (
                paid < SMALL_STAKE * _least_cost(markets, trade.pair)
                or poor - slack <= paid <= rich + 1e-6 * account.wallet
            ):
                continue
            between = f"{rich:.8g}" if rich - poor < slack else f"{max(poor, 0.0):.8g} to {rich:.8g}"
            money = account.stake_currency
            reason = f"is bought for {paid:.8g} {money}, but the account as these trades leave it gives a stake of {between} at that time"
            yield number, "stake", reason


def _stake(account: Account, terms: Terms, wallet: float, invested: float) -> float:
    available = min(wallet * terms.balance_share - invested, wallet - invested)
    wanted = account.stake if account.stake is not None else wallet * terms.balance_share / account.max_open_trades
    return min(wanted, available)


def _least_cost(markets: Mapping[str, Plain], pair: str) -> float:
    value: Plain = markets.get(pair)
    for key in ("limits", "cost", "min"):
        value = value.get(key) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else 0.0
