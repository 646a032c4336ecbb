"""Nothing that a strategy can ask for knows a candle that had not closed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from freqtrade.data.history import load_pair_history
from freqtrade.persistence import FtNoDBContext

from pipeline.adapters.freqtrade.bias_callbacks import same
from pipeline.adapters.freqtrade.bias_frames import Ground, Span, cut, disk_ends
from tests.adapters.freqtrade import bias_ground
from tests.adapters.freqtrade.biased import source, write

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # freqtrade's own, on pandas 3.1

PAIR = "BTC/USDT"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bias_ground.lay(tmp_path_factory.mktemp("frames") / "data", days=20)


@pytest.fixture
def ground(data_dir: Path, tmp_path: Path) -> Iterator[Ground]:
    folder = write(tmp_path / "strategy", source(startup=24))
    (tmp_path / "scratch").mkdir()
    with FtNoDBContext("1h"):
        yield Ground(bias_ground.job(folder, data_dir), (PAIR, "ETH/USDT"), tmp_path / "scratch")


def span(ground: Ground, first: int, hours: int) -> Span:
    dates = ground.candles(PAIR, "1h")["date"]
    return Span(dates.iloc[first], dates.iloc[first] + timedelta(hours=hours))


@pytest.mark.parametrize(("timeframe", "length"), [("1h", 1), ("4h", 4), ("1d", 24)])
def test_a_candle_of_any_timeframe_is_there_once_it_has_closed(ground: Ground, timeframe: str, length: int) -> None:
    for hours in (99, 100, 101, 120):
        here = span(ground, 24, hours)
        seen = ground.world(here).strategy.dp.get_pair_dataframe("ETH/USDT", timeframe)
        last_close = seen["date"].iloc[-1] + timedelta(hours=length)
        assert last_close <= here.end < last_close + timedelta(hours=length)


def test_other_timeframes_begin_as_far_back_as_in_a_backtest(ground: Ground) -> None:
    here = span(ground, 200, 100)
    provider = ground.world(here).provider
    assert provider.get_pair_dataframe(PAIR, "1h")["date"].iloc[0] == here.start
    wanted = here.start + timedelta(hours=24) - 24 * timedelta(hours=4)
    assert wanted <= provider.get_pair_dataframe(PAIR, "4h")["date"].iloc[0] < wanted + timedelta(hours=4)


def test_files_that_freqtrade_reads_end_too(ground: Ground, data_dir: Path) -> None:
    end = span(ground, 0, 50).end
    whole = load_pair_history(pair=PAIR, timeframe="4h", datadir=data_dir, data_format="feather")
    with disk_ends(end):
        ended = load_pair_history(pair=PAIR, timeframe="4h", datadir=data_dir, data_format="feather")
        assert len(ground.candles(PAIR, "4h")) == len(whole)
    assert len(ended) == int((whole["date"] + timedelta(hours=4) <= end).sum()) > 10
    assert len(load_pair_history(pair=PAIR, timeframe="4h", datadir=data_dir, data_format="feather")) == len(whole)


def test_every_world_has_a_strategy_of_its_own(ground: Ground) -> None:
    here = span(ground, 0, 100)
    one, other = ground.world(here), ground.world(here)
    assert one.strategy is not other.strategy
    assert type(one.strategy) is not type(other.strategy)
    assert one.frames[PAIR].equals(other.frames[PAIR])


def test_a_frame_without_candles_stays_empty() -> None:
    empty = pd.DataFrame({"date": pd.to_datetime([], utc=True), "close": []})
    at = pd.Timestamp("2025-01-01", tz="UTC")
    assert cut(empty, "1h", Span(at, at)).empty


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (None, None, True),
        (None, False, False),
        (True, 1, True),
        (0.1 + 0.2, 0.3, True),
        (float("nan"), float("nan"), True),
        ("roi", "roi", True),
        ("roi", True, False),
        ((50.0, "more"), (50.0, "more"), True),
        ((50.0, "more"), (50.0, "less"), False),
        (-0.05, -0.051, False),
    ],
)
def test_answers_are_the_same_where_freqtrade_would_act_alike(left: object, right: object, equal: bool) -> None:
    assert same(left, right) is equal
