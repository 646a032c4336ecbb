"""Databases of bots as a doctor sees them: whatever their state, and without anything left beside them."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.bot_database_schema import MARKER
from pipeline.adapters.doctor import databases
from pipeline.adapters.doctor.databases import database_facts
from pipeline.domain.doctor.facts import DatabaseFacts
from pipeline.domain.trading import TradingEnvironment
from tests.doctor_ground import HOUR, STRATEGY, Ground
from tests.doctor_plants import copied
from tests.domain.trading.samples import DRY, LIVE


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    made = Ground(tmp_path / "device")
    made.own.mkdir(parents=True)
    return made


def seen(ground: Ground, environment: TradingEnvironment = LIVE) -> DatabaseFacts:
    return database_facts(ground.home, environment, STRATEGY)


def beside(ground: Ground) -> list[str]:
    return sorted(path.name for path in ground.database.parent.iterdir())


@pytest.fixture
def in_use(ground: Ground) -> Iterator[sqlite3.Connection]:
    """A database in WAL mode that a bot has open, with a trade that is not in the file itself yet."""
    ground.put_database()
    with closing(sqlite3.connect(ground.database)) as bot:
        bot.execute("PRAGMA journal_mode = WAL")
        at = f"{ground.clock.at - HOUR:%Y-%m-%d %H:%M:%S.%f}"
        bot.execute("INSERT INTO trades (id, pair, open_date, is_open) VALUES (7, 'ETH/USDT', ?, 1)", (at,))
        bot.commit()
        yield bot


def test_none_is_not_there_and_its_newest_copy_is_named(ground: Ground) -> None:
    assert seen(ground).exists is False
    ground.put_database()
    name = copied(ground)
    ground.database.unlink()
    assert seen(ground) == DatabaseFacts(STRATEGY, str(ground.database), exists=False, copy=name)
    assert seen(ground, DRY).copy == ""


def test_what_a_bot_has_just_written_is_seen_while_it_writes(ground: Ground, in_use: sqlite3.Connection) -> None:
    before = beside(ground)
    found = seen(ground)
    assert [trade.pair for trade in found.trades] == ["ETH/USDT"]
    assert (found.damage, found.others, found.busy) == ("", (), False)
    assert found.known is not None
    assert found.known.ids == {"1001"}
    assert beside(ground) == before
    in_use.execute("DELETE FROM trades")


def test_one_that_nobody_has_open_stays_alone(ground: Ground) -> None:
    ground.put_database()
    with closing(sqlite3.connect(ground.database)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    assert beside(ground) == [ground.database.name]
    assert seen(ground).damage == ""
    assert beside(ground) == [ground.database.name]


def test_one_that_freqtrade_has_not_filled_yet_is_in_order(ground: Ground) -> None:
    ground.database.parent.mkdir()
    ground.database.touch()
    assert (seen(ground).damage, seen(ground).others) == ("", ())
    with closing(sqlite3.connect(ground.database)) as database, database:
        database.execute(f"CREATE TABLE {MARKER} (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    assert (seen(ground).damage, seen(ground).others) == ("", ())


@pytest.mark.processes
def test_a_change_that_a_killed_process_left_half_done_is_no_damage_and_is_not_undone(ground: Ground) -> None:
    ground.put_database()
    script = f"""
import os, sqlite3
database = sqlite3.connect({str(ground.database)!r}, isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("BEGIN IMMEDIATE")
for number in range(5000):
    database.execute("INSERT INTO orders (id, order_id) VALUES (?, ?)", (100 + number, f"lost_{{number}}"))
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    before = {path.name: path.read_bytes() for path in ground.database.parent.iterdir()}
    assert f"{ground.database.name}-journal" in before
    found = seen(ground)
    assert (found.half_changed, found.damage) == (True, "")
    assert {path.name: path.read_bytes() for path in ground.database.parent.iterdir()} == before


def test_one_that_stays_locked_is_busy(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.1)
    ground.put_database()
    with closing(sqlite3.connect(ground.database, isolation_level=None)) as stranger:
        stranger.execute("BEGIN EXCLUSIVE")
        ground.database.with_name(f"{ground.database.name}-journal").touch()
        found = seen(ground)
    assert (found.busy, found.damage) == (True, "")


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one" * 40, b"\0" * 8192])
def test_what_is_no_database_is_damaged(ground: Ground, content: bytes) -> None:
    ground.database.parent.mkdir()
    ground.database.write_bytes(content)
    assert seen(ground).damage


def test_one_of_another_strategy_is_told_by_its_mark(ground: Ground) -> None:
    ground.put_database()
    with closing(sqlite3.connect(ground.database)) as database, database:
        database.execute(f"UPDATE {MARKER} SET value = 'moon' WHERE key = 'strategy'")
    assert seen(ground).others == (f"it belongs to the strategy moon, not to {STRATEGY}",)
