"""The market as it is now: prices, spread, depth, candles and tickers of every pair, by the clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from pipeline.domain.market import simulate
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.ports import Clock
from pipeline.rehearsal.exchange.depth import Depth, Level
from pipeline.rehearsal.exchange.prices import MINUTE, Candles, Move, PricePath
from pipeline.rehearsal.exchange.symbols import Symbol

MODEL_DAYS = 90
HISTORY_MINUTES = 400 * 1440
"""How far back candles go."""

LEVELS = 20
_MONDAY = 4 * 24 * 60
"""The epoch was a Thursday; weeks begin four days later, in minutes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One candle: opening and closing time in milliseconds, prices and volume in the exchange's units."""

    opens_at: int
    closes_at: int
    opening: Decimal
    high: Decimal
    low: Decimal
    closing: Decimal
    volume: Decimal


class Market:
    """Made from a seed: equal seeds show equal prices at equal times.

    `spread_ratio` is what lies between bid and ask, `liquidity` what the best level is worth in the quote currency.
    """

    def __init__(
        self,
        symbols: Mapping[str, Symbol],
        clock: Clock,
        *,
        seed: int,
        swing_ratio: float,
        spread_ratio: Decimal,
        liquidity: Decimal,
        moves: Iterable[Move] = (),
    ) -> None:
        self._symbols = dict(symbols)
        self._clock = clock
        self._spread_ratio = spread_ratio
        self._liquidity = liquidity
        self._frozen_at: int | None = None
        made = simulate(seed, [symbol.pair for symbol in symbols.values()], MODEL_DAYS)
        self._paths = {name: PricePath.of(one, swing_ratio) for name, one in zip(symbols, made, strict=True)}
        self._depths: dict[str, tuple[int, Depth]] = {}
        self._seen_until = self.now()
        for move in moves:
            self._path_of(move).moves.append(move)

    def now(self) -> int:
        """The market's moment in milliseconds: the clock's, or that of the freeze."""
        return self._frozen_at if self._frozen_at is not None else round(self._clock.now().timestamp() * 1000)

    def freeze(self) -> None:
        """From now on the market stands still, while the clock goes on."""
        self._frozen_at = self.now()

    def thaw(self) -> None:
        """The market goes on, at the clock's time."""
        self._frozen_at = None

    def plan(self, move: Move) -> None:
        """Add a move that has not begun.

        Raises:
            ValueError: it lies in the past, which clients have seen already, or the pair is unknown.
        """
        if move.starts < self.now():
            raise ValueError("a move cannot begin in the past")
        self._path_of(move).moves.append(move)
        self._depths.clear()

    def begin(self, move: Move) -> Move:
        """Add a move that begins now, whatever time it names; returned is the one that was added.

        Raises:
            ValueError: the pair is unknown.
        """
        begun = replace(move, at=datetime.fromtimestamp((self.now() + 1) / 1000, UTC))
        self._path_of(begun).moves.append(begun)
        self._depths.clear()
        return begun

    def depth(self, symbol: str) -> Depth:
        """Both sides in this second of the clock, for all who ask. What is taken from it comes back with the next second."""
        second = round(self._clock.now().timestamp())
        known = self._depths.get(symbol)
        if known is None or known[0] != second:
            known = self._depths[symbol] = second, self.depth_at(symbol, self.now())
        return known[1]

    def set_liquidity(self, liquidity: Decimal) -> None:
        """What the best level is worth from now on, in the quote currency."""
        self._liquidity = liquidity
        self._depths.clear()

    def passed(self) -> dict[str, list[int]]:
        """For each symbol, the moments since the last call at which a resting order may have been reached; the last one is now.

        Nothing passes while the market is frozen.
        """
        if self._frozen_at is not None:
            return {}
        since, self._seen_until = self._seen_until, self.now()
        return {name: [*path.turns(since, self._seen_until), self._seen_until] for name, path in self._paths.items()}

    def depth_at(self, symbol: str, at: int) -> Depth:
        """Both sides at a moment, untouched."""
        known, last = self._symbols[symbol], self.last(symbol, at)
        half = max(known.tick, last * self._spread_ratio / 2)
        bid = max(known.tick, (last - half) // known.tick * known.tick)
        ask = -((-last - half) // known.tick * known.tick)
        gap = max(known.tick, half // known.tick * known.tick)
        size = max(known.step, known.round_down(self._liquidity / last))
        bids = (Level(bid - gap * place, size * (place + 1)) for place in range(LEVELS))
        asks = (Level(ask + gap * place, size * (place + 1)) for place in range(LEVELS))
        return Depth(tuple(level for level in bids if level.price > 0), tuple(asks), last)

    def last(self, symbol: str, at: int) -> Decimal:
        """The last price at a moment."""
        return self._paths[symbol].price(at) * self._symbols[symbol].tick

    def candles(self, symbol: str, timeframe: str, start: int | None, end: int | None, limit: int) -> list[Row]:
        """At most `limit` candles that open from `start` to `end` (milliseconds, inclusive): the first ones after a start, else the last ones.

        Raises:
            KeyError: a timeframe that the exchange does not have.
        """
        length = TIMEFRAMES[timeframe] // timedelta(minutes=1)
        offset = _MONDAY if timeframe == "1w" else 0
        now = self.now()
        oldest = -((offset - (now // MINUTE - HISTORY_MINUTES)) // length)
        last = (min(now if end is None else end, now) // MINUTE - offset) // length
        first = last - limit + 1 if start is None else -((offset * MINUTE - start) // (length * MINUTE))
        first = max(first, oldest)
        last = min(last, first + limit - 1)
        if last < first:
            return []
        fine = self._paths[symbol].minutes(first * length + offset, (last + 1) * length + offset - 1, now)
        return self._rows(fine, self._symbols[symbol], length)

    def _rows(self, fine: Candles, symbol: Symbol, length: int) -> list[Row]:
        starts = np.arange(0, len(fine.opens_at), length)
        ends = np.minimum(starts + length, len(fine.opens_at)) - 1
        columns = zip(
            fine.opens_at[starts].tolist(),
            fine.opening[starts].tolist(),
            np.maximum.reduceat(fine.high, starts).tolist(),
            np.minimum.reduceat(fine.low, starts).tolist(),
            fine.closing[ends].tolist(),
            np.add.reduceat(fine.steps, starts).tolist(),
            strict=True,
        )
        return [
            Row(
                opens_at,
                opens_at + length * MINUTE - 1,
                opening * symbol.tick,
                high * symbol.tick,
                low * symbol.tick,
                closing * symbol.tick,
                steps * symbol.step,
            )
            for opens_at, opening, high, low, closing, steps in columns
        ]

    def _path_of(self, move: Move) -> PricePath:
        name = move.pair.replace("/", "")
        if name not in self._paths:
            raise ValueError(f"{move.pair} is not traded here")
        return self._paths[name]


def moment(milliseconds: int) -> datetime:
    """Aware UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
