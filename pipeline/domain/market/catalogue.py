"""The pairs that the market model knows, with the steps that their exchange counts in."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PairModel:
    """One pair's character.

    `tick` and `step` are the smallest price and amount differences, `first_price` the price at the start in the quote currency, `beta` how
    strongly it follows the market's drift and noise (1: as the market), `own` the scale of its own noise relative to the market's, and
    `daily_turnover` the typical volume of a day in the quote currency.
    """

    pair: str
    tick: Decimal
    step: Decimal
    first_price: Decimal
    beta: float
    own: float
    daily_turnover: float


CATALOGUE: dict[str, PairModel] = {
    model.pair: model
    for model in (
        PairModel("BTC/USDT", Decimal("0.01"), Decimal("0.00001"), Decimal("64000"), 0.85, 0.40, 1.6e9),
        PairModel("ETH/USDT", Decimal("0.01"), Decimal("0.0001"), Decimal("3100"), 1.00, 0.55, 9.0e8),
        PairModel("SOL/USDT", Decimal("0.01"), Decimal("0.001"), Decimal("150"), 1.15, 0.75, 4.0e8),
        PairModel("XRP/USDT", Decimal("0.0001"), Decimal("0.1"), Decimal("0.62"), 1.00, 0.75, 2.5e8),
        PairModel("ADA/USDT", Decimal("0.0001"), Decimal("0.1"), Decimal("0.47"), 1.10, 0.75, 9.0e7),
        PairModel("LTC/USDT", Decimal("0.01"), Decimal("0.001"), Decimal("84"), 0.95, 0.65, 7.0e7),
        PairModel("LINK/USDT", Decimal("0.001"), Decimal("0.01"), Decimal("14.5"), 1.10, 0.75, 6.0e7),
        PairModel("DOT/USDT", Decimal("0.001"), Decimal("0.01"), Decimal("6.8"), 1.05, 0.70, 4.0e7),
    )
}
"""Every pair that can be simulated."""

DEFAULT_PAIRS = tuple(CATALOGUE)
"""What the embedded data set holds."""
