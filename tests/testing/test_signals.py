from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipeline.domain.scenarios import Scenario
from pipeline.testing import crash, flat, gap, trend
from pipeline.testing.signals import Signals
from pipeline.testing.under_test import UnderTest, load
from tests.testing.example import NAME, write_example

MARKET = flat(50) + trend(0.3, 100) + crash(0.3, 20)


@pytest.fixture(scope="module")
def strategy(tmp_path_factory: pytest.TempPathFactory) -> UnderTest:
    return load(write_example(tmp_path_factory.mktemp("example")), NAME)


def refused(claim: Callable[[], object]) -> str:
    with pytest.raises(AssertionError) as caught:
        claim()
    return str(caught.value).splitlines()[0]


def test_claims_that_hold_can_be_chained(strategy: UnderTest) -> None:
    signals = strategy.on(MARKET)
    chained = signals.enters().enters_during("trend").enters_after("trend", within=30).never_enters_during("flat")
    assert chained.exits().exits_during("crash").exits_after("crash", within=15).never_exits_during("trend") is signals
    strategy.on(flat(100)).never_enters().never_exits()


def test_a_missing_entry_is_told_in_plain_words(strategy: UnderTest) -> None:
    assert refused(strategy.on(flat(100)).enters) == "expected an entry anywhere, but there is none at all"


def test_an_exit_that_comes_too_late_is_told_with_where_it_is(strategy: UnderTest) -> None:
    assert refused(lambda: strategy.on(MARKET).exits_after("crash", within=3)) == (
        "expected an exit within 3 candles from the start of crash (candles 150 to 152), "
        "but the 13 exits are elsewhere: candle 157 (crash), candle 158 (crash), candle 159 (crash), ..."
    )


def test_entries_where_none_should_be_are_counted_and_listed(strategy: UnderTest) -> None:
    said = refused(lambda: strategy.on(MARKET).never_enters_during("trend"))
    assert said.startswith("expected no entry during trend (candles 50 to 149), but the strategy gives 9")
    assert "candle 54 (trend, up)" in said


def test_exits_where_none_should_be_are_told(strategy: UnderTest) -> None:
    assert "expected no exit anywhere, but the strategy gives 13" in refused(strategy.on(MARKET).never_exits)


def test_a_claim_that_does_not_hold_shows_the_candles(strategy: UnderTest, golden: Callable[[str, str], None]) -> None:
    with pytest.raises(AssertionError) as caught:
        strategy.on(MARKET).exits_after("crash", within=3)
    golden("testing/late_exit.txt", f"{caught.value}\n")


def test_a_segment_that_is_not_there_is_told_with_those_that_are(strategy: UnderTest) -> None:
    with pytest.raises(LookupError, match="no segment 'rally'; its segments are flat, trend, crash"):
        strategy.on(MARKET).enters_during("rally")


def test_segments_of_one_name_count_together_and_can_be_renamed(strategy: UnderTest) -> None:
    market = trend(0.3, 100) + crash(0.4, 20) + trend(0.3, 100).called("recovery")
    strategy.on(market).enters_during("trend").enters_during("recovery")
    twice = strategy.on(flat(50) + trend(0.3, 100) + flat(50))
    assert len(twice.during("flat")) == 100


def test_signals_are_those_of_freqtrade_itself(strategy: UnderTest) -> None:
    signals = strategy.on(MARKET)
    frame = strategy.strategy.advise_indicators(with_startup(signals, strategy), {"pair": "TEST/USDT"})
    frame = strategy.strategy.ft_advise_signals(frame, {"pair": "TEST/USDT"}).iloc[50:].reset_index(drop=True)
    assert [signal.candle for signal in signals.entry_signals] == frame.index[frame["enter_long"] == 1].tolist()
    assert [signal.candle for signal in signals.exit_signals] == frame.index[frame["exit_long"] == 1].tolist()
    assert {signal.tag for signal in signals.entry_signals} == {"up"}


def test_entry_and_exit_on_one_candle_cancel_each_other_as_in_freqtrade(tmp_path: Path) -> None:
    both = 'dataframe["enter_long"] = 1\ndataframe["exit_long"] = 1'
    strategy = load(write_example(tmp_path, populate=both), NAME)
    strategy.on(flat(20)).never_enters().never_exits()


def test_every_test_starts_after_enough_quiet_candles(tmp_path: Path) -> None:
    strategy = load(write_example(tmp_path, startup=300), NAME)
    signals = strategy.on(trend(0.1, 10))
    assert len(signals.candles) == 10
    assert signals.candles["slow"].notna().all()


def test_informative_pairs_and_timeframes_are_there(tmp_path: Path) -> None:
    extra = """
@informative("4h")
def populate_longer(self, dataframe, metadata):
    dataframe["mean"] = ta.SMA(dataframe, timeperiod=20)
    return dataframe

@informative("1d", "BTC/{stake}")
def populate_bitcoin(self, dataframe, metadata):
    dataframe["highest"] = dataframe["high"].rolling(5).max()
    return dataframe
"""
    populate = 'dataframe["other"] = self.dp.get_pair_dataframe("ETH/USDT", "1h")["close"].to_numpy()'
    strategy = load(write_example(tmp_path, extra=extra, populate=populate), NAME)
    market: Scenario = flat(50) + gap(1.0, 50)
    candles = strategy.on(market, others={"ETH/USDT": flat(100)}).candles
    assert candles["mean_4h"].notna().all()
    assert candles["btc_usdt_highest_1d"].iloc[-1] > 190
    assert candles["other"].between(99, 101).all()


def test_parameters_of_hyperopt_are_loaded_as_freqtrade_does(tmp_path: Path) -> None:
    folder = write_example(tmp_path)
    (folder / "strategy.json").write_text(
        '{"strategy_name": "Example", "params": {"stoploss": {"stoploss": -0.33}}, "ft_stratparam_v": 1}'
    )
    assert load(folder, NAME).stoploss == -0.33


def test_the_timeframe_can_be_another_than_the_class_says(tmp_path: Path) -> None:
    candles = load(write_example(tmp_path), NAME, timeframe="5m").on(flat(3)).candles
    assert candles["date"].diff().max() == pd.Timedelta(minutes=5)


def with_startup(signals: Signals, strategy: UnderTest) -> pd.DataFrame:
    from pipeline.domain.scenarios import draw

    assert len(signals.candles) == 170
    return draw(MARKET, strategy.timeframe, startup=50).frame


def test_the_table_shows_the_strategys_indicators_before_another_timeframes_candles(tmp_path: Path) -> None:
    extra = """
@informative("4h")
def populate_indicators_4h(self, dataframe, metadata):
    dataframe["mean"] = ta.SMA(dataframe, timeperiod=5)
    return dataframe
"""
    signals = load(write_example(tmp_path / "example", extra=extra), NAME).on(flat(100))
    with pytest.raises(AssertionError) as caught:
        signals.enters()
    header = next(line for line in str(caught.value).splitlines() if line.lstrip().startswith("candle "))
    assert header.split()[-3:] == ["mean_4h", "fast", "slow"]
