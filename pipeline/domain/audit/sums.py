"""A trade's sums, computed again from its fills as freqtrade computes them."""

from dataclasses import dataclass

from pipeline.domain.trades import ClosedTrade


@dataclass(frozen=True, slots=True)
class Sums:
    """What the fills of a trade come to.

    `bought` and `sold` in the base currency; `last_amount` and `last_stake` what was held before the last sale, in base and quote currency;
    `average_price` what that had cost; `paid` for all buys with fees, `profit` after fees, both in the quote currency; `profit_ratio` is profit
    over paid.
    """

    bought: float
    sold: float
    last_amount: float
    last_stake: float
    average_price: float
    paid: float
    profit: float

    @property
    def profit_ratio(self) -> float:
        return self.profit / self.paid if self.paid else 0.0


def sums(trade: ClosedTrade) -> Sums:
    """Follow the position through its fills; a sale costs the average price of what was held (freqtrade's `recalc_trade_from_orders`)."""
    held = stake = average = paid = profit = bought = sold = last_amount = last_stake = 0.0
    for fill in trade.fills:
        if fill.side == "buy":
            held += fill.amount
            stake += fill.amount * fill.price
            average = stake / held if held else 0.0
            bought += fill.amount
            paid += fill.amount * fill.price * (1.0 + trade.fee_open_ratio)
        else:
            last_amount, last_stake = held, stake
            profit += fill.amount * fill.price * (1.0 - trade.fee_close_ratio)
            profit -= fill.amount * average * (1.0 + trade.fee_open_ratio)
            held -= fill.amount
            stake -= fill.amount * average
            sold += fill.amount
    return Sums(bought, sold, last_amount, last_stake, average, paid, profit)
