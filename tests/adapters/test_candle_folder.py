"""A folder of candle files as somebody has it."""

import json
import shutil
from pathlib import Path

import pytest

from pipeline.adapters.candle_folder import read_folder
from pipeline.errors import Refused, UsageError
from tests.small_sets import bare_folder, small_set


def test_candle_files_and_the_snapshot_beside_them_are_read(tmp_path: Path) -> None:
    root = bare_folder(tmp_path / "set")
    found = read_folder(root)
    assert [file.path for file in found.files] == [
        *("BTC_USDT-1h.feather", "BTC_USDT-5m.feather", "ETH_USDT-1h.feather", "ETH_USDT-5m.feather"),
    ]
    assert found.markets is not None
    assert set(found.markets) == {"BTC/USDT", "ETH/USDT"}
    assert found.problems == ()
    assert found.left_aside == ()


def test_a_snapshot_from_elsewhere_is_used_and_must_be_there(tmp_path: Path) -> None:
    root = bare_folder(tmp_path / "set")
    (tmp_path / "other.json").write_text(json.dumps({"BTC/USDT": {}}))
    assert read_folder(root, tmp_path / "other.json").markets == {"BTC/USDT": {}}
    missing = read_folder(root, tmp_path / "none.json")
    assert [str(problem) for problem in missing.problems] == ["none.json: the file is missing"]


def test_without_a_snapshot_there_is_none(tmp_path: Path) -> None:
    root = bare_folder(tmp_path / "set")
    (root / "markets.json").unlink()
    assert read_folder(root).markets is None


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    root = bare_folder(tmp_path / "set")
    (root / "BTC_USDT-1h.json").write_text("[]")
    (root / "BTC_USDT_USDT-1h-futures.feather").write_bytes(b"")
    (root / "ETH_USDT-4h.feather").write_bytes(b"ARROW1")
    shutil.copy(root / "BTC_USDT-1h.feather", root / "BTC_USDT-trades.feather")
    (root / "notes.txt").write_text("mine")
    found = read_folder(root)
    assert [str(problem) for problem in found.problems] == [
        "BTC_USDT-1h.json: only feather files are taken in; freqtrade convert-data makes them (--format-to feather)",
        "BTC_USDT_USDT-1h-futures.feather: it holds futures, which are not supported yet; spot candles are",
        "ETH_USDT-4h.feather: it is no whole feather file (6 bytes): truncated or damaged",
    ]
    assert found.left_aside == ("BTC_USDT-trades.feather", "notes.txt")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        read_folder(tmp_path / "nowhere")


def test_a_data_set_is_not_taken_in_again(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is a data set already"):
        read_folder(small_set(tmp_path / "set").root)
