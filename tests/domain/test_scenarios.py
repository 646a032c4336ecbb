import numpy as np
import pandas as pd
import pytest

from pipeline.domain.scenarios import (
    COLUMNS,
    Scenario,
    crash,
    draw,
    flat,
    gap,
    noise,
    outage,
    silent,
    spike,
    trend,
    v_shape,
)
from pipeline.domain.timeframes import TIMEFRAMES

EVERYTHING = (
    flat(5)
    + trend(0.3, 10)
    + crash(0.3, 5)
    + gap(-0.1, 3)
    + spike(0.2)
    + spike(-0.3, 1)
    + v_shape(0.2, 7)
    + noise(1, 20)
    + silent(3)
)


@pytest.mark.parametrize("timeframe", TIMEFRAMES)
def test_candles_have_the_layout_of_freqtrade(timeframe: str) -> None:
    frame = draw(EVERYTHING, timeframe, startup=7).frame
    assert tuple(frame.columns) == COLUMNS
    assert str(frame["date"].dtype) == "datetime64[ms, UTC]"
    assert set(frame["date"].diff().dropna()) == {pd.Timedelta(TIMEFRAMES[timeframe])}
    assert frame["date"].iloc[7] == pd.Timestamp("2024-01-01", tz="UTC")


def test_candles_are_well_formed() -> None:
    frame = draw(EVERYTHING, "5m", startup=7).frame
    assert (frame["high"] >= frame[["open", "close"]].max(axis=1)).all()
    assert (frame["low"] <= frame[["open", "close"]].min(axis=1)).all()
    assert (frame["low"] > 0).all()
    assert not frame.isna().any().any()


def test_the_same_scenario_gives_the_same_candles() -> None:
    pd.testing.assert_frame_equal(draw(EVERYTHING, "1h").frame, draw(EVERYTHING, "1h").frame)


def test_segments_end_where_they_say() -> None:
    def last(scenario: Scenario) -> float:
        return float(draw(scenario, "1h").frame["close"].iloc[-1])

    assert last(trend(0.25, 40)) == pytest.approx(125.0)
    assert last(trend(-0.25, 40)) == pytest.approx(75.0)
    assert last(trend(0.25, 40) + crash(0.2, 10)) == pytest.approx(100.0)
    for back in (flat(9), spike(0.5), spike(0.5, 1), v_shape(0.3, 9), v_shape(0.3, 10)):
        assert last(back) == pytest.approx(100.0)
    assert last(gap(-0.2, 5)) == pytest.approx(80.0)


def test_a_gap_opens_away_from_the_close_before() -> None:
    frame = draw(flat(3) + gap(-0.2, 2), "1h").frame
    assert frame["close"].iloc[2] == pytest.approx(100.0)
    assert frame["open"].iloc[3] == pytest.approx(80.0, rel=0.001)


def test_a_spike_of_one_candle_is_a_wick() -> None:
    candle = draw(spike(0.5, 1), "1h").frame.iloc[0]
    assert candle["high"] == pytest.approx(150.0)
    assert candle["close"] == pytest.approx(100.0)


def test_an_outage_leaves_candles_out_and_time_goes_on() -> None:
    drawn = draw(flat(3) + outage(5) + flat(2), "1h")
    assert len(drawn.frame) == 5
    assert drawn.frame["date"].diff().max() == pd.Timedelta(hours=6)
    assert [(span.name, span.first, span.end) for span in drawn.spans] == [
        ("flat", 0, 3),
        ("outage", 3, 3),
        ("flat", 3, 5),
    ]


def test_nobody_trades_in_silence() -> None:
    frame = draw(flat(2) + silent(3), "1h").frame
    assert frame["volume"].iloc[2:].tolist() == [0.0] * 3
    assert frame[["open", "high", "low", "close"]].iloc[2:].nunique().tolist() == [1] * 4


def test_startup_candles_are_quiet_and_come_before_the_scenario() -> None:
    drawn = draw(trend(0.3, 10), "1h", startup=100)
    quiet = drawn.frame["close"].iloc[:100]
    assert drawn.startup == 100
    assert quiet.between(99.8, 100.2).all()
    assert [(span.name, span.first, span.end) for span in drawn.spans] == [("trend", 100, 110)]


def test_prices_stay_within_what_exchanges_quote() -> None:
    low = draw(crash(0.99, 5) * 4, "1h", price=1e-6).frame
    high = draw(trend(50.0, 5) * 4, "1h", price=1e5).frame
    assert low["close"].min() == 1e-8
    assert high["close"].max() == 1e6


def test_repeated_and_renamed_segments_can_be_told_apart() -> None:
    market = flat(2) * 2 + trend(0.1, 3).called("rally")
    assert [span.name for span in draw(market, "1h").spans] == ["flat", "flat", "rally"]
    assert str(market) == "flat(2) + flat(2) + trend(+0.1, 3)"


def test_noise_depends_on_its_seed_only() -> None:
    one, same, other = (draw(noise(seed, 50), "1h").frame["close"].to_numpy() for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: flat(0), "at least one candle"),
        (lambda: crash(1.5), "between 0 and 1"),
        (lambda: v_shape(-0.1), "between 0 and 1"),
        (lambda: v_shape(0.1, 1), "at least two candles"),
        (lambda: trend(-1.0), "no price falls by 100 %"),
        (lambda: flat(volume=-1), "cannot be negative"),
        (lambda: draw(outage(3), "1h"), "needs at least one candle"),
        (lambda: draw(flat(), "7m"), "timeframe '7m' is not known"),
    ],
)
def test_what_cannot_be_is_refused(build: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        build()  # type: ignore[operator]
