import pandas as pd
import pytest

from pipeline.domain.scenario_timeframes import at_timeframe
from pipeline.domain.scenarios import COLUMNS, draw, noise


def test_longer_candles_add_up_the_short_ones() -> None:
    frame = draw(noise(1, 48), "1h").frame
    long = at_timeframe(frame, "1h", "4h", startup=10)
    first = long[long["date"] == frame["date"].iloc[0]].iloc[0]
    assert first["open"] == frame["open"].iloc[0]
    assert first["close"] == frame["close"].iloc[3]
    assert first["high"] == frame["high"].iloc[:4].max()
    assert first["low"] == frame["low"].iloc[:4].min()
    assert first["volume"] == pytest.approx(frame["volume"].iloc[:4].sum(), abs=0.001)


def test_longer_candles_have_a_start_up_of_their_own() -> None:
    frame = draw(noise(1, 48), "1h").frame
    long = at_timeframe(frame, "1h", "1d", startup=30)
    assert (long["date"] < frame["date"].iloc[0]).sum() >= 30
    assert set(long["date"].diff().dropna()) == {pd.Timedelta(days=1)}
    assert tuple(long.columns) == COLUMNS


def test_no_long_candle_ends_after_the_scenario() -> None:
    frame = draw(noise(1, 50), "1h").frame
    long = at_timeframe(frame, "1h", "1d", startup=5)
    assert long["date"].iloc[-1] + pd.Timedelta(days=1) <= frame["date"].iloc[-1] + pd.Timedelta(hours=1)


def test_a_scenario_shorter_than_one_long_candle_leaves_the_start_up() -> None:
    frame = draw(noise(1, 3), "5m").frame
    long = at_timeframe(frame, "5m", "1d", startup=5)
    assert len(long) >= 5
    assert long["date"].iloc[-1] < frame["date"].iloc[0]


def test_shorter_candles_make_up_the_long_ones() -> None:
    frame = draw(noise(1, 10), "1h").frame
    short = at_timeframe(frame, "1h", "5m", startup=5)
    assert len(short) == 120
    parts = short.iloc[12:24]
    assert parts["open"].iloc[0] == frame["open"].iloc[1]
    assert parts["close"].iloc[-1] == pytest.approx(frame["close"].iloc[1])
    assert parts["high"].max() == frame["high"].iloc[1]
    assert parts["low"].min() == frame["low"].iloc[1]
    assert parts["volume"].sum() == pytest.approx(frame["volume"].iloc[1])
    assert (short["high"] >= short[["open", "close"]].max(axis=1)).all()
    assert (short["low"] <= short[["open", "close"]].min(axis=1)).all()


def test_timeframes_that_are_no_multiple_of_each_other_work_too() -> None:
    five = at_timeframe(draw(noise(1, 20), "3m").frame, "3m", "5m", startup=2)
    assert set(five["date"].diff().dropna()) == {pd.Timedelta(minutes=5)}


def test_an_unknown_timeframe_is_named() -> None:
    with pytest.raises(ValueError, match="'1M'"):
        at_timeframe(draw(noise(1, 20), "1h").frame, "1h", "1M", startup=2)
