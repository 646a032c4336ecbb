"""Data sets on disk: what is read, what is derived, and every way to be damaged."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import process_time

import pandas as pd
import pytest

from pipeline.adapters.datasets import DataSet
from pipeline.adapters.feather import read_candles
from pipeline.domain.candles import resample
from pipeline.domain.dataset import Severity
from pipeline.errors import ConfigError, Refused, UsageError
from pipeline.wiring.data import data_sets
from tests.needs import real_candles
from tests.small_sets import in_order, small_contents, small_set, spoil, with_value, without


def errors(dataset: DataSet) -> list[str]:
    """The errors of a fresh look, as text."""
    return [str(problem) for problem in data_sets().verify(dataset) if problem.severity is Severity.ERROR]


def test_what_was_written_is_read_and_verifies(tmp_path: Path) -> None:
    written = small_set(tmp_path / "set")
    opened = data_sets().open(tmp_path / "set")
    assert opened == written
    assert data_sets().verify(opened) == ()
    pd.testing.assert_frame_equal(opened.frame("BTC/USDT", "1h"), small_contents().candles["BTC/USDT", "1h"])
    assert opened.markets() == small_contents().markets


def test_freqtrade_reads_the_candles(tmp_path: Path) -> None:
    from freqtrade.data.history import load_data

    folder = small_set(tmp_path / "set").derive(["1h", "15m"], tmp_path / "cache")
    for timeframe, rows in (("1h", 96), ("15m", 384)):
        loaded = load_data(folder, timeframe, ["BTC/USDT", "ETH/USDT"], data_format="feather", fill_up_missing=False)
        assert {pair: len(frame) for pair, frame in loaded.items()} == {"BTC/USDT": rows, "ETH/USDT": rows}


def test_a_derived_folder_holds_what_was_asked_for_and_nothing_else(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    folder = dataset.derive(["4h", "1h"], tmp_path / "cache")
    assert sorted(path.name for path in folder.iterdir()) == [
        *("BTC_USDT-1h.feather", "BTC_USDT-4h.feather", "ETH_USDT-1h.feather", "ETH_USDT-4h.feather"),
    ]
    hours = dataset.frame("BTC/USDT", "1h")
    made = resample(hours, timedelta(hours=1), timedelta(hours=4), dataset.units("BTC/USDT"))
    pd.testing.assert_frame_equal(read_candles(folder / "BTC_USDT-4h.feather"), made)
    pd.testing.assert_frame_equal(dataset.frame("BTC/USDT", "4h"), made)


def test_nothing_that_lay_in_the_derived_folder_is_believed(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    folder = dataset.derive(["1h", "4h"], tmp_path / "cache")
    before = {path.name: read_candles(path) for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()
        path.write_bytes(b"planted")
    (folder / "DOGE_USDT-1h.feather").write_bytes(b"planted")
    assert dataset.derive(["4h", "1h"], tmp_path / "cache") == folder
    assert {path.name for path in folder.iterdir()} == set(before)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(read_candles(folder / name), frame)
    assert errors(dataset) == []


def test_another_file_system_gets_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    folder = small_set(tmp_path / "set").derive(["1h"], tmp_path / "cache")
    assert (folder / "BTC_USDT-1h.feather").read_bytes() == (tmp_path / "set" / "BTC_USDT-1h.feather").read_bytes()


@pytest.mark.parametrize(
    ("timeframe", "said"), [("1m", "no candles of BTC/USDT that add up to 1m"), ("7m", "no timeframe '7m'")]
)
def test_a_timeframe_that_cannot_be_made_is_refused_with_what_there_is(
    tmp_path: Path, timeframe: str, said: str
) -> None:
    dataset = small_set(tmp_path / "set")
    for ask in (lambda: dataset.frame("BTC/USDT", timeframe), lambda: dataset.derive([timeframe], tmp_path / "cache")):
        with pytest.raises(UsageError, match=said) as caught:
            ask()
        assert "it has 5m, 1h" in caught.value.message
        assert not (tmp_path / "cache").exists()


def test_an_unknown_pair_is_refused_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no candles of DOGE/USDT; it has BTC/USDT, ETH/USDT"):
        small_set(tmp_path / "set").frame("DOGE/USDT", "1h")


def test_a_folder_without_a_manifest_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"it has no manifest\.yml") as caught:
        data_sets().open(tmp_path)
    assert "freqtrain data import" in caught.value.hint
    with pytest.raises(UsageError, match="is no folder"):
        data_sets().open(tmp_path / "nowhere")


def test_a_damaged_manifest_is_named_with_its_line(tmp_path: Path) -> None:
    root = small_set(tmp_path / "set").root
    text = (root / "manifest.yml").read_text()
    (root / "manifest.yml").write_text(text.replace("rows: 96", "rows: x"))
    with pytest.raises(ConfigError, match=r"manifest.yml:\d+:9: files\[1\].rows"):
        data_sets().open(root)


FILE = "BTC_USDT-1h.feather"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_value(7, "close", float("nan")), f"{FILE} row 7 (2025-12-28 07:00 UTC): close is not a finite number"),
        (with_value(7, "low", -1.0), f"{FILE} row 7 (2025-12-28 07:00 UTC): low is not positive"),
        (with_value(7, "high", 1.0), f"{FILE} row 7 (2025-12-28 07:00 UTC): high is below low"),
        (without(7), f"{FILE} row 7 (2025-12-28 08:00 UTC): 1 candle missing before this one"),
        (in_order([0, 1, 1]), f"{FILE} row 2 (2025-12-28 01:00 UTC): has the same time as the candle before it"),
        (in_order([0, 2, 1]), f"{FILE} row 2 (2025-12-28 01:00 UTC): is older than the candle before it"),
        (with_value(7, "volume", 12345.0), f"{FILE}: its candles differ from the ones that the manifest describes"),
        (without(95), f"{FILE}: it holds 95 candles, the manifest says 96"),
        (without(0), f"{FILE}: its first candle opens at 2025-12-28 01:00, the manifest says 2025-12-28 00:00"),
        (without(95), f"{FILE}: its last candle opens at 2025-12-31 22:00, the manifest says 2025-12-31 23:00"),
    ],
)
def test_changed_candles_are_found(tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], said: str) -> None:
    dataset = small_set(tmp_path / "set")
    spoil(dataset.root, FILE, change)
    assert any(line.startswith(said) for line in errors(dataset)), errors(dataset)


def test_candles_written_anew_with_another_compression_are_the_same(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    frame = read_candles(dataset.root / FILE)
    frame["date"] = frame["date"].dt.as_unit("ns")
    frame.to_feather(dataset.root / FILE, compression="zstd")
    assert data_sets().verify(dataset) == ()


def test_a_missing_a_truncated_and_a_foreign_file_are_found(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    (dataset.root / FILE).unlink()
    whole = (dataset.root / "ETH_USDT-1h.feather").read_bytes()
    (dataset.root / "ETH_USDT-1h.feather").write_bytes(whole[: len(whole) // 2])
    (dataset.root / "ETH_USDT-5m.feather").write_bytes(b"")
    shutil.copy(dataset.root / "BTC_USDT-5m.feather", dataset.root / "BTC_USDT-15m.feather")
    assert errors(dataset) == [
        "BTC_USDT-1h.feather: the file is missing",
        "ETH_USDT-5m.feather: it is no whole feather file (0 bytes): truncated or damaged",
        f"ETH_USDT-1h.feather: it is no whole feather file ({len(whole) // 2} bytes): truncated or damaged",
        "BTC_USDT-15m.feather: the manifest does not list this candle file",
    ]


def test_swapped_files_are_found(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    one, other = dataset.root / "BTC_USDT-1h.feather", dataset.root / "ETH_USDT-1h.feather"
    one.rename(tmp_path / "aside")
    other.rename(one)
    (tmp_path / "aside").rename(other)
    found = errors(dataset)
    assert any(line.startswith("BTC_USDT-1h.feather: ") for line in found)
    assert any(line.startswith("ETH_USDT-1h.feather: ") for line in found)


def test_swapped_files_of_pairs_with_the_same_steps_are_called_swapped(tmp_path: Path) -> None:
    contents = small_contents(1)
    pairs = {"ADA/USDT": "BTC/USDT", "XRP/USDT": "ETH/USDT"}
    one = contents.candles["BTC/USDT", "1h"]
    other = one.assign(volume=one["volume"] + 1)
    markets = {pair: {**contents.markets["BTC/USDT"], "symbol": pair, "base": pair[:3]} for pair in pairs}  # type: ignore[dict-item]
    both = type(contents)("x", "imported", "binance", {("ADA/USDT", "1h"): one, ("XRP/USDT", "1h"): other}, markets)
    dataset = data_sets().write(both, tmp_path / "set")
    (dataset.root / "XRP_USDT-1h.feather").replace(dataset.root / "ADA_USDT-1h.feather")
    assert "ADA_USDT-1h.feather: it holds the candles of XRP_USDT-1h.feather: the files were swapped" in errors(dataset)


def test_a_changed_a_thin_and_a_broken_market_snapshot_are_found(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    markets = json.loads(dataset.markets_path.read_text())
    del markets["ETH/USDT"]
    del markets["BTC/USDT"]["limits"]["cost"]
    dataset.markets_path.write_text(json.dumps(markets))
    assert errors(dataset) == [
        "markets.json: it differs from the snapshot that the manifest describes",
        "markets.json: BTC/USDT lacks limits.cost, with min and max (null: no limit)",
        "markets.json: it lacks ETH/USDT",
    ]
    dataset.markets_path.write_text('{"BTC/USDT": NaN}')
    assert errors(dataset) == ["markets.json: it is no JSON: NaN is no number"]
    with pytest.raises(Refused, match=r"markets.json: it is no JSON"):
        dataset.markets()


def test_the_snapshot_may_be_formatted_otherwise(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    dataset.markets_path.write_text(json.dumps(json.loads(dataset.markets_path.read_text()), indent=7))
    assert data_sets().verify(dataset) == ()


def test_a_known_gap_is_a_warning_and_not_an_error(tmp_path: Path) -> None:
    contents = small_contents()
    holed = {("BTC/USDT", "1h"): without(5, 6)(contents.candles["BTC/USDT", "1h"])}
    dataset = data_sets().write(type(contents)("x", "imported", "binance", holed, contents.markets), tmp_path / "set")
    assert [(problem.severity, problem.row) for problem in data_sets().verify(dataset)] == [(Severity.WARNING, 5)]
    assert [gap.candles for gap in dataset.manifest.files[0].known_gaps] == [2]


def test_a_set_is_looked_at_again_once_a_file_was_touched(tmp_path: Path) -> None:
    sets = data_sets()
    dataset = small_set(tmp_path / "set")
    assert sets.verify(dataset) == ()
    spoil(dataset.root, FILE, with_value(7, "low", -1.0))
    assert sets.verify(dataset) != ()


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def full(self: pd.DataFrame, path: Path, **_: object) -> None:
        written.append(path.name)
        path.write_bytes(b"half")
        if len(written) == 3:
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(pd.DataFrame, "to_feather", full)
    with pytest.raises(OSError, match="No space left"):
        small_set(tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_feather", interrupted)
    with pytest.raises(KeyboardInterrupt):
        small_set(tmp_path / "set")
    assert list(tmp_path.iterdir()) == []


def test_a_set_is_not_written_over_another_one(tmp_path: Path) -> None:
    small_set(tmp_path / "set", seed=1)
    before = (tmp_path / "set" / "manifest.yml").read_bytes()
    with pytest.raises(FileExistsError):
        small_set(tmp_path / "set", seed=2)
    assert (tmp_path / "set" / "manifest.yml").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    assert errors(small_set(tmp_path / "set")) == []


def test_real_candles_verify_quickly_once_they_are_taken_in(tmp_path: Path) -> None:
    from pipeline.wiring.data import import_data

    out = tmp_path / "real"
    import_data(real_candles(), None, out, name="real", exchange="binance", notes=())
    sets = data_sets()
    dataset = sets.open(out)
    began = process_time()  # of this process: a loaded machine is no reason
    problems = sets.verify(dataset)
    assert process_time() - began < 2.0
    assert all(problem.severity is Severity.WARNING for problem in problems)
    pd.testing.assert_frame_equal(
        read_candles(real_candles() / FILE).assign(date=lambda frame: frame["date"].dt.as_unit("ms")),
        dataset.frame("BTC/USDT", "1h"),
    )
