"""The market model: what it promises, and that it is the same everywhere."""

import os
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from pipeline.adapters.process import run
from pipeline.domain.candles import Units, digest_candles, off_grid, resample
from pipeline.domain.market import CATALOGUE, DEFAULT_PAIRS, END, PairCandles, Regime, schedule, simulate, simulated

DIGEST = "sha256:2d31dee5fc96c6196e0af25f5ac8c311f88b635b6636943983e4a35f75005b2b"
"""Of seed 1, two pairs, sixty days: every regime is in it. Another number means another model: count MODEL up."""

STEPS_AN_HOUR = 12


@cache
def market(seed: int = 1, days: int = 365) -> tuple[PairCandles, ...]:
    return simulate(seed, days=days)


def returns(one: PairCandles) -> pd.Series:
    return one.hourly["close"].pct_change().dropna()


def regimes(seed: int, days: int = 365) -> np.ndarray:
    """The regime of each hour."""
    hours = np.empty(days * 24, dtype=object)
    for spell in schedule(seed, days):
        hours[spell.start // STEPS_AN_HOUR : spell.end // STEPS_AN_HOUR] = spell.regime
    return hours


def test_the_same_seed_gives_the_same_candles_to_the_last_bit() -> None:
    assert simulated(1, ("BTC/USDT", "ETH/USDT"), 60).manifest().digest == DIGEST


@pytest.mark.processes
@pytest.mark.parametrize("disabled", ["AVX512F AVX512CD AVX512_SKX", "AVX512F AVX512CD AVX512_SKX AVX2 FMA3"])
def test_a_processor_with_fewer_instructions_gives_the_same_candles(disabled: str) -> None:
    code = "from pipeline.domain.market import simulated; print(simulated(1, ('BTC/USDT', 'ETH/USDT'), 60).manifest().digest)"
    env = {**os.environ, "NPY_DISABLE_CPU_FEATURES": disabled}
    done = run([sys.executable, "-W", "ignore", "-c", code], timeout_seconds=60, env=env)
    assert done.out.strip() == DIGEST, done.err


def test_in_minutes_it_is_the_same_market_a_minute_a_step() -> None:
    fast, slow = (simulated(1, ("BTC/USDT",), 10, minutes=fast) for fast in (True, False))
    assert [*fast.candles] == [("BTC/USDT", "1m")]
    one, five = fast.candles["BTC/USDT", "1m"], slow.candles["BTC/USDT", "5m"]
    assert one.drop(columns="date").equals(five.drop(columns="date"))
    assert one["date"].diff().dropna().unique().tolist() == [pd.Timedelta(minutes=1)]
    assert one["date"].iloc[-1] == END - timedelta(minutes=1)
    assert fast.name == "simulated-1-10d-1pairs-1m"
    assert fast.notes != slow.notes
    assert fast.manifest().digest != slow.manifest().digest


def test_another_seed_gives_another_market() -> None:
    assert not market(1, 10)[0].hourly["close"].equals(market(2, 10)[0].hourly["close"])


def test_a_pair_does_not_depend_on_which_others_are_asked_for() -> None:
    alone = simulate(1, ("ETH/USDT",), 10)[0]
    among = next(one for one in market(1, 10) if one.model.pair == "ETH/USDT")
    pd.testing.assert_frame_equal(alone.hourly, among.hourly)
    pd.testing.assert_frame_equal(alone.fine, among.fine)


def test_it_holds_a_year_of_hours_and_the_last_ninety_days_of_five_minutes() -> None:
    assert len(DEFAULT_PAIRS) >= 6
    for one in market():
        assert len(one.hourly) == 365 * 24
        assert len(one.fine) == 90 * 288
        assert one.hourly["date"].iloc[0] == datetime(2025, 1, 1, tzinfo=UTC)
        assert one.fine["date"].iloc[-1] + timedelta(minutes=5) == datetime(2026, 1, 1, tzinfo=UTC)


def test_hours_are_the_sum_of_their_five_minutes() -> None:
    for one in market():
        units = Units.of(one.model.tick, one.model.step)
        made = resample(one.fine, timedelta(minutes=5), timedelta(hours=1), units)
        pd.testing.assert_frame_equal(made, one.hourly.iloc[-len(made) :].reset_index(drop=True))


def test_every_price_is_a_tick_and_the_double_nearest_to_its_decimal() -> None:
    for one in market(days=30):
        for name in ("open", "high", "low", "close"):
            assert not off_grid(one.fine[name].to_numpy(), one.model.tick).any()
        digits = -one.model.tick.as_tuple().exponent
        texts = [f"{price:.{digits}f}" for price in one.fine["close"]]
        assert [float(text) for text in texts] == one.fine["close"].tolist()
        assert not off_grid(one.fine["volume"].to_numpy(), one.model.step).any()


def test_candles_are_possible() -> None:
    for one in market():
        for frame in (one.hourly, one.fine):
            assert (frame["high"] >= frame[["open", "close"]].max(axis=1)).all()
            assert (frame["low"] <= frame[["open", "close"]].min(axis=1)).all()
            assert (frame["low"] > 0).all()
            assert (frame["volume"] > 0).all()


def test_tails_are_fat() -> None:
    for one in market():
        assert returns(one).kurt() + 3 > 4.5, one.model.pair


def test_volatility_comes_in_clusters() -> None:
    for one in market():
        size = returns(one).abs()
        assert size.autocorr(1) > 0.2, one.model.pair
        assert size.autocorr(24) > 0.1, one.model.pair


def test_pairs_move_together_but_are_not_the_same() -> None:
    together = pd.DataFrame({one.model.pair: returns(one) for one in market()}).corr().to_numpy()
    apart = together[np.triu_indices(len(together), 1)]
    assert apart.min() > 0.4
    assert apart.max() < 0.95


@pytest.mark.parametrize("seed", range(1, 11))
def test_every_third_of_a_year_has_two_of_each_regime(seed: int) -> None:
    third = 365 * 288 // 3
    for index in range(3):
        begun = [s.regime for s in schedule(seed, 365) if index * third <= s.start < (index + 1) * third]
        assert all(begun.count(regime) >= 2 for regime in Regime), begun


def test_spells_follow_each_other_without_a_hole() -> None:
    spells = schedule(5, 100)
    assert spells[0].start == 0
    assert spells[-1].end == 100 * 288
    assert all(before.end == after.start for before, after in pairwise(spells))


def test_bulls_rise_bears_fall_and_crashes_fall_fast() -> None:
    for seed in (1, 2, 3):
        hours = regimes(seed)[1:]
        mean = sum(returns(one).to_numpy() for one in market(seed)) / len(market(seed))
        daily = {regime: mean[hours == regime].mean() * 24 for regime in Regime}
        assert daily[Regime.BULL] > 0.01
        assert daily[Regime.BEAR] < -0.01
        assert daily[Regime.CRASH] < -0.15
        assert abs(daily[Regime.RANGE]) < 0.01


def test_a_range_returns_to_its_level_and_swings_by_more_than_a_few_fees() -> None:
    closes = market()[0].hourly["close"].to_numpy()
    for spell in (s for s in schedule(1, 365) if s.regime is Regime.RANGE and s.end - s.start > 80 * STEPS_AN_HOUR):
        part = closes[spell.start // STEPS_AN_HOUR : spell.end // STEPS_AN_HOUR]
        assert part.max() / part.min() > 1.02
        steps = np.diff(part) / part[:-1]
        day = part[24:] / part[:-24] - 1
        assert day.var() < 0.6 * 24 * steps.var(), "a random walk's variance grows with time; a range's does not"


def test_who_holds_at_random_times_does_not_earn_the_fees() -> None:
    held = [
        (one.hourly["close"].shift(-48) / one.hourly["close"] - 1).mean()
        for seed in range(1, 9)
        for one in market(seed)
    ]
    assert -0.006 < np.mean(held) < 0.002, "two days' mean return against fees of 0.2 %"


def test_the_catalogue_names_plausible_units() -> None:
    for model in CATALOGUE.values():
        assert model.first_price / model.tick > 1000, "a tick is small against the price"
        assert model.tick > 0
        assert model.step > Decimal("1e-9")


def test_an_unknown_pair_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        simulate(1, ("DOGE/EUR",), 2)


def test_digests_name_the_candles_of_each_pair() -> None:
    named = {digest_candles(one.hourly, Units.of(one.model.tick, one.model.step)) for one in market(days=10)}
    assert len(named) == len(DEFAULT_PAIRS)
