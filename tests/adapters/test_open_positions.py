"""Open trades come from the bots' databases, which stay as they are."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.open_positions import OpenPositions
from pipeline.errors import ToolFailed
from tests.monitor_ground import Ground


def test_open_trades_are_told_and_closed_ones_are_not(tmp_path: Path) -> None:
    Ground(tmp_path).holds("test", "trend", "dry_run", "BTC/USDT", "ETH/USDT")
    found = OpenPositions(tmp_path / "test" / "databases", "dry_run").open("trend")
    assert found is not None
    assert [one.pair for one in found] == ["BTC/USDT", "ETH/USDT"]
    assert (found[0].open_rate, found[0].stake, found[0].tag, found[0].short) == (63000.5, 100.0, "dip", False)
    assert f"{found[0].opened_at:%Y-%m-%d %H:%M %Z}" == "2026-03-01 09:30 UTC"


def test_the_database_of_another_mode_is_not_taken_for_this_one(tmp_path: Path) -> None:
    Ground(tmp_path).holds("sandbox", "trend", "dry_run", "BTC/USDT")
    folder = tmp_path / "sandbox" / "databases"
    assert OpenPositions(folder, "live").open("trend") is None
    found = OpenPositions(folder).open("trend")
    assert found is not None
    assert len(found) == 1


def test_a_name_that_is_no_strategys_is_no_file_either(tmp_path: Path) -> None:
    Ground(tmp_path).holds("test", "trend", "dry_run", "BTC/USDT")
    assert OpenPositions(tmp_path / "test" / "databases" / "inner", "dry_run").open("../trend") is None


def test_a_database_that_is_new_has_no_open_trade_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    file = tmp_path / "trend.dry_run.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE KeyValueStore (id INTEGER)")
    assert OpenPositions(tmp_path, "dry_run").open("trend") == ()
    file.write_bytes(b"\xff" * 4096)
    with pytest.raises(ToolFailed, match="open trades of trend"):
        OpenPositions(tmp_path, "dry_run").open("trend")
