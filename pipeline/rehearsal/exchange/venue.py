"""The exchange without its web: market, books and accounts put together, as every endpoint sees them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pipeline.ports import Clock
from pipeline.rehearsal.exchange import refusals
from pipeline.rehearsal.exchange.books import Books
from pipeline.rehearsal.exchange.market import Market, moment
from pipeline.rehearsal.exchange.refusals import Rejected
from pipeline.rehearsal.exchange.settings import Account, Settings
from pipeline.rehearsal.exchange.symbols import Symbol, symbols_of


class Venue:
    """One exchange.

    `skew` is how far the clock that the exchange shows to its clients is off; orders and candles keep the true time.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self.settings = settings
        self.symbols: Mapping[str, Symbol] = symbols_of(settings.pairs)
        self.books = Books(self.symbols, settings.fee_ratio)
        self.market = Market(
            self.symbols,
            clock,
            seed=settings.seed,
            swing_ratio=settings.swing_ratio,
            spread_ratio=settings.spread_ratio,
            liquidity=settings.liquidity,
            moves=settings.moves,
        )
        self.skew = timedelta()
        self.accounts: dict[str, Account] = {}
        for account in settings.accounts:
            self.open_account(account)

    def open_account(self, account: Account) -> None:
        """Raises ValueError: the name or the key is taken."""
        if any(account.key == other.key for other in self.accounts.values()):
            raise ValueError(f"the key of {account.name} is another account's")
        self.books.open_account(account.name, account.balances)
        self.accounts[account.name] = account

    def now(self) -> datetime:
        """The true time."""
        return self._clock.now()

    def shown_milliseconds(self) -> int:
        """The time that the exchange shows, and by which it judges timestamps."""
        return round((self.now() + self.skew).timestamp() * 1000)

    def symbol(self, name: str) -> Symbol:
        """Raises Rejected: it is not traded here."""
        if name not in self.symbols:
            raise Rejected(refusals.NO_SUCH_SYMBOL)
        return self.symbols[name]

    def settle(self) -> None:
        """Fill what the market has reached since the last time; called every second and before every request."""
        waiting = {order.symbol for order in self.books.orders() if order.open}
        for name, (*earlier, now) in self.market.passed().items():
            if name not in waiting:
                continue
            for at in earlier:
                self.books.match(name, self.market.depth_at(name, at), moment(at))
            self.books.match(name, self.market.depth(name), moment(now))
