"""What can be traded and in which steps: the filters that an order must pass, with the exchange's own words for a failure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pipeline.domain.market import CATALOGUE
from pipeline.rehearsal.exchange.refusals import filter_failure

SMALLEST = Decimal("0.00000001")
"""The exchange counts every asset to eight decimals."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One traded pair. Prices are multiples of `tick` (quote currency), amounts of `step` (base currency).

    Raises:
        ValueError: tick times step is finer than the exchange counts, so that costs would have to be rounded.
    """

    base: str
    quote: str
    tick: Decimal
    step: Decimal
    least_cost: Decimal = Decimal(5)
    greatest_cost: Decimal = Decimal(9_000_000)
    greatest_quantity: Decimal = Decimal(9_000_000)
    greatest_price: Decimal = Decimal(1_000_000)
    price_factor: Decimal = Decimal(5)
    """A limit price may be at most so many times above or below the last one."""
    most_orders: int = 200
    """Open orders of one account."""

    def __post_init__(self) -> None:
        if self.tick * self.step % SMALLEST:
            raise ValueError(f"{self.pair}: a tick times an amount step is finer than {SMALLEST}")

    @property
    def name(self) -> str:
        """As the exchange writes it: BTCUSDT."""
        return self.base + self.quote

    @property
    def pair(self) -> str:
        """As freqtrade writes it: BTC/USDT."""
        return f"{self.base}/{self.quote}"

    def check_quantity(self, quantity: Decimal) -> None:
        """Raises Rejected where LOT_SIZE forbids the amount."""
        if not self.step <= quantity <= self.greatest_quantity or quantity % self.step:
            raise filter_failure("LOT_SIZE")

    def check_price(self, price: Decimal, last: Decimal) -> None:
        """Raises Rejected where PRICE_FILTER or PERCENT_PRICE_BY_SIDE forbids the price."""
        if not self.tick <= price <= self.greatest_price or price % self.tick:
            raise filter_failure("PRICE_FILTER")
        if not last / self.price_factor <= price <= last * self.price_factor:
            raise filter_failure("PERCENT_PRICE_BY_SIDE")

    def check_cost(self, quantity: Decimal, price: Decimal) -> None:
        """Raises Rejected where NOTIONAL forbids the value of the order."""
        if not self.least_cost <= quantity * price <= self.greatest_cost:
            raise filter_failure("NOTIONAL")

    def round_down(self, quantity: Decimal) -> Decimal:
        """The largest amount in whole steps that is not above."""
        return quantity // self.step * self.step


def symbols_of(pairs: Iterable[str]) -> dict[str, Symbol]:
    """The symbols of simulated pairs, by the exchange's name.

    Raises:
        KeyError: a pair that the market model does not know.
    """
    symbols = {}
    for pair in pairs:
        base, quote = pair.split("/")
        symbol = Symbol(base, quote, CATALOGUE[pair].tick, CATALOGUE[pair].step)
        symbols[symbol.name] = symbol
    return symbols
