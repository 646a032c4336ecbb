"""Candles in freqtrade's columns, counted in whole units of the exchange: their digest, and longer candles made from shorter ones."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS = ("date", "open", "high", "low", "close", "volume")
"""freqtrade's columns: opening time (aware UTC), four prices in the quote currency, amount in the base currency."""

PRICES = ("open", "high", "low", "close")

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_FINEST = 12
_LARGEST = float(2**53)


@dataclass(frozen=True, slots=True)
class Units:
    """What an exchange counts one pair in: `tick` for prices, `step` for amounts."""

    tick: Decimal
    step: Decimal

    @staticmethod
    def of(tick: object, step: object) -> "Units":
        """From numbers or texts, such as ccxt's 1e-05; the shortest text of a float is meant.

        Raises:
            ValueError: not a positive finite number.
        """
        return Units(_unit(tick), _unit(step))

    def frame(
        self,
        milliseconds: Integers,
        opening: Integers,
        high: Integers,
        low: Integers,
        closing: Integers,
        steps: Integers,
    ) -> pd.DataFrame:
        """Candles from int (n,) each: opening times since the epoch, prices in ticks, amounts in steps.

        Every number is the double that is nearest to its decimal, as if it had been read from the exchange's text.
        """
        columns: dict[str, object] = {"date": pd.to_datetime(milliseconds, unit="ms", utc=True).as_unit("ms")}
        for name, ticks in zip(PRICES, (opening, high, low, closing), strict=True):
            columns[name] = counted(ticks, self.tick)
        columns["volume"] = counted(steps, self.step)
        return pd.DataFrame(columns)


def milliseconds(frame: pd.DataFrame) -> Integers:
    """int (n,): the opening times since the epoch."""
    dates = frame["date"].dt.tz_convert("UTC").dt.tz_localize(None)
    times: Integers = dates.to_numpy().astype("datetime64[ms]").astype(np.int64)
    return times


def counted(count: Integers, unit: Decimal) -> Floats:
    """float (n,): so many units, each number the double nearest to its decimal (one correctly rounded division of exact numbers)."""
    decimals = decimals_of(unit)
    numbers: Floats = (count * int(unit.scaleb(decimals))) / float(10**decimals)
    return numbers


def decimals_of(unit: Decimal) -> int:
    """How many digits a unit has behind the point: 5 for 0.00001, 0 for 1 and for 10."""
    exponent = unit.normalize().as_tuple().exponent
    return max(0, -int(exponent))


def off_grid(values: Floats, unit: Decimal) -> npt.NDArray[np.bool_]:
    """bool (n,): which numbers are no multiple of the unit, but for the rounding of doubles."""
    decimals = decimals_of(unit)
    per_unit = int(unit.scaleb(decimals))
    scaled = values * float(10**decimals)
    nearest = np.rint(scaled / per_unit) * per_unit
    return _apart(scaled, nearest)


def digest_candles(frame: pd.DataFrame, units: Units) -> str:
    """`sha256:` and 64 hexadecimal digits that name these candles, whatever machine, compression or time unit they are stored with.

    Hashed are the opening times in milliseconds and every number as a whole count of 10**-d, where d is the number of digits of the
    exchange's tick (amounts: step). Where a column is finer than that (exchanges change their ticks), d grows until it holds every digit,
    so that no two different files share a digest; d is hashed too. The frame must be finite.
    """
    prices, price_decimals = _whole([frame[name].to_numpy(np.float64) for name in PRICES], decimals_of(units.tick))
    amounts, amount_decimals = _whole([frame["volume"].to_numpy(np.float64)], decimals_of(units.step))
    header = {"columns": COLUMNS, "rows": len(frame), "price": price_decimals, "amount": amount_decimals}
    hashed = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for column in (milliseconds(frame), *prices, *amounts):
        hashed.update(column.astype("<i8").tobytes())
    return "sha256:" + hashed.hexdigest()


def resample(frame: pd.DataFrame, source: timedelta, target: timedelta, units: Units) -> pd.DataFrame:
    """Longer candles from shorter ones, on the grid that is counted from the epoch.

    Args:
        frame: sound candles of length `source`, in order.
        target: a multiple of `source`.
        units: amounts are added up in whole units, so that the sum does not depend on the machine.

    A first or last candle that the data do not cover entirely is left out. One with a gap inside stays, made of what was traded, as an
    exchange would report it.
    """
    length, step = target // timedelta(milliseconds=1), source // timedelta(milliseconds=1)
    frame = pd.DataFrame(frame[list(COLUMNS)])
    times = milliseconds(frame)
    if len(times) == 0:
        return frame
    bucket = times // length
    first, last = bucket[0] + (times[0] % length != 0), bucket[-1] - ((times[-1] + step) % length != 0)
    inside = (bucket >= first) & (bucket <= last)
    kept, bucket = pd.DataFrame(frame[inside]), bucket[inside]
    if len(bucket) == 0:
        return kept
    starts = np.flatnonzero(np.append(True, bucket[1:] != bucket[:-1]))
    ends = np.append(starts[1:], len(bucket)) - 1
    amounts, decimals = _whole([kept["volume"].to_numpy(np.float64)], decimals_of(units.step))
    return pd.DataFrame(
        {
            "date": pd.to_datetime(bucket[starts] * length, unit="ms", utc=True).as_unit("ms"),
            "open": kept["open"].to_numpy(np.float64)[starts],
            "high": np.maximum.reduceat(kept["high"].to_numpy(np.float64), starts),
            "low": np.minimum.reduceat(kept["low"].to_numpy(np.float64), starts),
            "close": kept["close"].to_numpy(np.float64)[ends],
            "volume": np.add.reduceat(amounts[0], starts) / float(10**decimals),
        }
    )


def guessed_units(frames: list[pd.DataFrame]) -> Units:
    """The coarsest powers of ten that hold every price and amount of these (finite) candles: a default where no snapshot says better."""
    prices = [frame[name].to_numpy(np.float64) for frame in frames for name in PRICES]
    amounts = [frame["volume"].to_numpy(np.float64) for frame in frames]
    return Units(guessed_unit(prices), guessed_unit(amounts))


def guessed_unit(columns: list[Floats]) -> Decimal:
    """The coarsest power of ten, at most 1, that holds every (finite) number of these columns."""
    return Decimal(1).scaleb(-_whole(columns, 0)[1])


def _whole(columns: list[Floats], decimals: int) -> tuple[list[Integers], int]:
    """The columns as counts of 10**-d, with the smallest d from `decimals` on that loses no digit."""
    largest = max((float(np.abs(column).max()) for column in columns if len(column)), default=0.0)
    while True:
        scaled = [column * float(10**decimals) for column in columns]
        nearest = [np.rint(column) for column in scaled]
        finest = decimals >= _FINEST or largest * float(10 ** (decimals + 1)) >= _LARGEST
        if finest or not any(_apart(a, b).any() for a, b in zip(scaled, nearest, strict=True)):
            return [column.astype(np.int64) for column in nearest], decimals
        decimals += 1


def _apart(scaled: Floats, nearest: Floats) -> npt.NDArray[np.bool_]:
    apart: npt.NDArray[np.bool_] = np.abs(scaled - nearest) > np.maximum(1e-6, np.abs(scaled) * 4e-16)
    return apart


def _unit(value: object) -> Decimal:
    try:
        unit = Decimal(str(value))
    except ArithmeticError:
        raise ValueError(f"{value!r} is not a number") from None
    if not unit.is_finite() or unit <= 0:
        raise ValueError(f"{value!r} is not a positive number")
    return unit.normalize()
