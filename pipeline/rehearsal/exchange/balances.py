"""What an account holds: free amounts, and amounts that open orders have locked."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipeline.rehearsal.exchange.orders import NOTHING, Fill, Order, OrderType, Side
from pipeline.rehearsal.exchange.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset of one account."""

    free: Decimal = NOTHING
    locked: Decimal = NOTHING


def lock_of(order: Order, symbol: Symbol) -> tuple[str, Decimal]:
    """What an open order keeps locked: the asset, and how much of it."""
    if not order.open or order.type is OrderType.MARKET:
        return symbol.base, NOTHING
    if order.side is Side.BUY:
        return symbol.quote, order.remaining * order.price
    return symbol.base, order.remaining


class Purse:
    """The balances of one account. Nothing in it is ever negative: whoever asks for too much is told so before anything moves."""

    def __init__(self, deposits: Mapping[str, Decimal]) -> None:
        if any(amount < 0 for amount in deposits.values()):
            raise ValueError("a deposit cannot be negative")
        self._balances = {asset: Balance(amount) for asset, amount in deposits.items()}

    def balances(self) -> dict[str, Balance]:
        return dict(self._balances)

    def free(self, asset: str) -> Decimal:
        return self._balances.get(asset, Balance()).free

    def lock(self, asset: str, amount: Decimal) -> None:
        self._move(asset, free=-amount, locked=amount)

    def unlock(self, asset: str, amount: Decimal) -> None:
        self._move(asset, free=amount, locked=-amount)

    def settle(self, before: Order, after: Order, fill: Fill, symbol: Symbol) -> None:
        """Exchange what a fill exchanges: what was locked for it goes, a better price gives the difference back."""
        asset, locked_before = lock_of(before, symbol)
        released = locked_before - lock_of(after, symbol)[1]
        cost = fill.price * fill.quantity
        if fill.side is Side.BUY:
            self._move(asset if released else symbol.quote, free=released - cost, locked=-released)
            self._move(symbol.base, free=fill.quantity - fill.fee)
        else:
            self._move(symbol.base, free=released - fill.quantity, locked=-released)
            self._move(symbol.quote, free=cost - fill.fee)

    def _move(self, asset: str, *, free: Decimal, locked: Decimal = NOTHING) -> None:
        now = self._balances.get(asset, Balance())
        new = Balance(now.free + free, now.locked + locked)
        assert new.free >= 0, f"{asset}: free would be {new.free}"
        assert new.locked >= 0, f"{asset}: locked would be {new.locked}"
        self._balances[asset] = new
