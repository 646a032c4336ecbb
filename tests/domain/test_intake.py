"""Candle files that somebody has become a data set."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pipeline.domain.candles import Units
from pipeline.domain.dataset import IMPORTED, Severity
from pipeline.domain.intake import Found, FoundFile, Intake, pair_and_timeframe, take_in
from pipeline.domain.markets import unified_market, units_of
from tests.domain.test_candles import FIVE, START, candles

LATER = datetime(2025, 6, 1, tzinfo=UTC)
MARKETS = {"BTC/USDT": unified_market("BTC/USDT", Units.of("0.01", "0.001"))}


def found(frame: pd.DataFrame, *, written_at: datetime = LATER, markets: object = MARKETS) -> Found:
    return Found((FoundFile("BTC_USDT-5m.feather", "BTC/USDT", "5m", frame, written_at),), markets)  # type: ignore[arg-type]


def taken(what: Found) -> Intake:
    return take_in(what, name="mine", kind=IMPORTED, exchange="binance", taken_at=LATER)


def test_sound_candles_and_their_snapshot_become_a_data_set() -> None:
    intake = taken(found(candles(30)))
    assert intake.problems == ()
    assert intake.contents is not None
    manifest = intake.contents.manifest()
    assert [(file.path, file.rows) for file in manifest.files] == [("BTC_USDT-5m.feather", 30)]
    assert manifest.notes == ()


def test_without_a_snapshot_the_defaults_are_named() -> None:
    intake = taken(found(candles(30), markets=None))
    assert intake.contents is not None
    assert any("fees of 0.1 % per side" in note for note in intake.contents.notes)
    assert any("BTC/USDT 0.01 and 0.001" in note for note in intake.contents.notes)
    assert units_of(intake.contents.markets, "BTC/USDT") == Units.of("0.01", "0.001")


def test_gaps_are_accepted_and_written_down() -> None:
    intake = taken(found(candles(30).drop(index=[4])))
    assert intake.contents is not None
    assert [problem.severity for problem in intake.problems] == [Severity.WARNING]
    assert [gap.candles for gap in intake.contents.manifest().files[0].known_gaps] == [1]


@pytest.mark.parametrize("after_open", [timedelta(0), timedelta(minutes=4)])
def test_a_candle_that_its_file_was_written_during_is_left_out_with_a_word(after_open: timedelta) -> None:
    intake = taken(found(candles(30), written_at=START + 29 * FIVE + after_open))
    assert intake.contents is not None
    assert intake.contents.manifest().files[0].rows == 29
    assert [str(problem) for problem in intake.problems] == [
        "BTC_USDT-5m.feather row 29 (2025-01-01 02:25 UTC): the last candle was not closed yet when it was taken: left out"
    ]


def test_candles_from_the_future_are_an_error() -> None:
    intake = take_in(found(candles(30)), name="mine", kind=IMPORTED, exchange="binance", taken_at=START + 10 * FIVE)
    assert intake.contents is None


def test_every_error_of_every_file_is_said_and_nothing_is_taken_in() -> None:
    broken = candles(30)
    broken.loc[3, "close"] = float("nan")
    broken.loc[9, "volume"] = -1.0
    files = (
        FoundFile("BTC_USDT-5m.feather", "BTC/USDT", "5m", broken, LATER),
        FoundFile("ETH_USDT-5m.feather", "ETH/USDT", "5m", candles(0), LATER),
    )
    intake = taken(Found(files, MARKETS))
    assert intake.contents is None
    assert len(intake.problems) == 3


def test_a_pair_that_the_snapshot_lacks_is_an_error() -> None:
    intake = taken(found(candles(30), markets={"ETH/USDT": MARKETS["BTC/USDT"]}))
    assert intake.contents is None
    assert [problem.message for problem in intake.problems] == ["it lacks BTC/USDT"]


def test_an_empty_folder_is_an_error() -> None:
    assert taken(Found(())).contents is None


def test_columns_in_another_order_are_put_right() -> None:
    frame = candles(30)
    intake = taken(found(frame[["close", "date", "open", "high", "low", "volume"]]))
    assert intake.contents is not None
    assert intake.contents.manifest().digest == _digest(frame)


def _digest(frame: pd.DataFrame) -> str:
    contents = taken(found(frame)).contents
    assert contents is not None
    return contents.manifest().digest


def test_file_names_are_read_as_freqtrade_writes_them() -> None:
    assert pair_and_timeframe("BTC_USDT-1h.feather") == ("BTC/USDT", "1h")
    assert pair_and_timeframe("1000SATS_USDT-5m.feather") == ("1000SATS/USDT", "5m")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("BTC_USDT_USDT-1h-futures.feather", "futures"),
        ("BTC_USDT_USDT-8h-funding_rate.feather", "futures"),
        ("BTC_USDT-7m.feather", "7m is not known"),
        ("BTCUSDT-1h.feather", "does not spell a pair"),
        ("candles.feather", "not freqtrade's"),
        ("BTC_USDT-1h-.feather", "not freqtrade's"),
    ],
)
def test_other_names_are_refused_with_the_reason(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        pair_and_timeframe(name)
