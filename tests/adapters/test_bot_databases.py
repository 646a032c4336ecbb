"""The databases of an environment's bots: copied while they are written, taken over only where they fit, and asked what they explain."""

import fcntl
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.bot_database_schema import COLUMNS, MARKER
from pipeline.adapters.bot_databases import BotDatabases
from pipeline.domain.account_report import KnownOrders
from pipeline.domain.train.terms import Terms
from pipeline.errors import Refused, ToolFailed, UsageError
from tests.adapters.bot_device import environment, full_disk
from tests.fakes import FakeClock

TRADE = {
    "id": 1,
    "exchange": "binance",
    "pair": "BTC/USDT",
    "stake_currency": "USDT",
    "trading_mode": "SPOT",
    "is_open": 1,
    "open_date": "2026-01-02 03:04:05.600000",
}
ORDER = {"id": 1, "ft_trade_id": 1, "order_id": "dry_run_buy_1", "order_date": "2026-01-02 03:04:05.500000"}


@dataclass
class Device:
    """A device's home with the databases of `test` (dry_run) and `prod` (live)."""

    root: Path
    clock: FakeClock

    def databases(self, name: str = "test") -> BotDatabases:
        return BotDatabases(self.root, environment(name), self.clock)

    def file(self, name: str = "test") -> Path:
        mode = "dry_run" if name == "test" else "live"
        return self.root / name / "databases" / f"eager.{mode}.sqlite"

    def copies(self) -> list[Path]:
        return sorted((self.root / "test" / "databases" / "copies").iterdir())


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path / "device", FakeClock())


def made(
    file: Path,
    *,
    trades: tuple[dict[str, Any], ...] = (TRADE,),
    orders: tuple[dict[str, Any], ...] = (ORDER,),
    marks: dict[str, str] | None = None,
    extra: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> Path:
    """A database as freqtrade makes it; `extra` and `without` change columns of trades."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("PRAGMA journal_mode = WAL")
        for table, known in COLUMNS.items():
            columns = (known - set(without)) | set(extra) if table == "trades" else known
            database.execute(f'CREATE TABLE "{table}" ({", ".join(sorted(columns))})')
        for table, rows in (("trades", trades), ("orders", orders)):
            for row in rows:
                fitting = {key: value for key, value in row.items() if table == "orders" or key not in without}
                marks_of = ", ".join("?" * len(fitting))
                database.execute(f"INSERT INTO {table} ({', '.join(fitting)}) VALUES ({marks_of})", [*fitting.values()])
        if marks is not None:
            database.execute(f"CREATE TABLE {MARKER} (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            database.executemany(f"INSERT INTO {MARKER} VALUES (?, ?)", marks.items())
    return file


def order_ids(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as database:
        return {row[0] for row in database.execute("SELECT order_id FROM orders")}


def changed_and_left(file: Path, how: str) -> None:
    """A process that changes the database in one transaction and is killed: in its middle, or after its end."""
    script = f"""
import os, sqlite3
database = sqlite3.connect({str(file)!r}, isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("BEGIN IMMEDIATE")
for number in range(5000):
    database.execute("INSERT INTO orders (id, order_id) VALUES (?, ?)", (100 + number, f"lost_{{number}}"))
if {how!r} == "committed":
    database.execute("COMMIT")
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9


def corrupt(file: Path) -> None:
    """Spoil pages in the middle; the header stays."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = DELETE").fetchone()
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 4096 * 3)


def test_a_strategy_without_a_database_has_none_to_copy_and_knows_no_orders(device: Device) -> None:
    these = device.databases()
    assert not these.exists("eager")
    assert these.copy("eager") == ""
    assert these.known_orders("eager") == KnownOrders(frozenset(), None)
    assert not device.root.exists()
    with pytest.raises(UsageError, match="no strategy's id"):
        these.exists("../prod/databases/eager")


def test_open_trades_of_older_engines_are_in_the_quote_of_their_pair_and_none_where_there_is_no_database(
    device: Device,
) -> None:
    assert device.databases().open_trades("eager") == ()
    made(device.file(), trades=({**TRADE, "stake_currency": None}, {**TRADE, "id": 2, "is_open": 0}))
    (told,) = device.databases().open_trades("eager")
    assert (told.pair, told.terms) == ("BTC/USDT", Terms("binance", "USDT"))
    assert told.opened_at == datetime(2026, 1, 2, 3, 4, 5, 600000, UTC)


def test_open_trades_of_a_damaged_database_are_not_told(device: Device) -> None:
    corrupt(made(device.file(), orders=tuple({**ORDER, "id": number} for number in range(500))))
    with pytest.raises(Refused, match="cannot be read"):
        device.databases().open_trades("eager")


def test_the_known_orders_are_all_that_the_database_holds_since_its_first_date(device: Device) -> None:
    orders = (
        {**ORDER, "order_id": "12"},
        {**ORDER, "order_id": "13", "order_date": None},
        {**ORDER, "order_id": None},
        {**ORDER, "order_id": "14", "order_date": "1969-12-31 23:59:59"},
    )
    made(device.file("prod"), orders=orders, trades=({**TRADE, "open_date": "2026-01-02 03:04:05"},))
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert device.databases("prod").known_orders("eager") == KnownOrders(
        frozenset({"12", "13", "14"}), at, frozenset({"BTC/USDT"})
    )
    assert device.databases().known_orders("eager") == KnownOrders(frozenset(), None)


def test_a_database_that_a_bot_has_only_begun_knows_no_orders(device: Device) -> None:
    device.file().parent.mkdir(parents=True)
    device.file().write_bytes(b"")
    assert device.databases().known_orders("eager") == KnownOrders(frozenset(), None)
    with closing(sqlite3.connect(device.file())) as database, database:
        database.execute(f"CREATE TABLE {MARKER} (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    assert device.databases().known_orders("eager") == KnownOrders(frozenset(), None)


@pytest.mark.processes
@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
@pytest.mark.parametrize("how", ["open", "committed"])
def test_what_a_killed_bot_has_committed_is_known_and_copied_and_nothing_else(
    device: Device, journal: str, how: str
) -> None:
    file = made(device.file())
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"PRAGMA journal_mode = {journal}").fetchone()
    changed_and_left(file, how)
    expected = 5001 if how == "committed" else 1
    copy = Path(device.databases().copy("eager"))
    assert len(order_ids(copy)) == expected
    assert len(device.databases().known_orders("eager").ids) == expected
    assert len(order_ids(file)) == expected


def test_a_database_that_cannot_be_read_is_refused(device: Device) -> None:
    corrupt(made(device.file()))
    with pytest.raises(Refused, match="cannot be read"):
        device.databases().known_orders("eager")
    device.file().write_bytes(b"this is no database at all" * 100)
    with pytest.raises(Refused, match="file is not a database"):
        device.databases().known_orders("eager")
    device.file().unlink()
    made(device.file(), trades=({**TRADE, "open_date": "yesterday"},))
    with pytest.raises(Refused, match="yesterday"):
        device.databases().known_orders("eager")


def test_damage_beside_the_orders_is_damage(device: Device) -> None:
    made(device.file())
    with closing(sqlite3.connect(device.file())) as database:
        database.execute("PRAGMA journal_mode = DELETE").fetchone()
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'wallet_history'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with device.file().open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xff" * size)
    with pytest.raises(Refused, match="it is damaged"):
        device.databases().known_orders("eager")


def test_a_copy_is_one_private_file_and_holds_what_the_database_held_then(device: Device) -> None:
    file = made(device.file())
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("INSERT INTO orders (id, order_id) VALUES (2, 'dry_run_2')")
        writer.commit()
        writer.execute("INSERT INTO orders (id, order_id) VALUES (3, 'dry_run_3')")
        copy = Path(device.databases().copy("eager"))
        assert order_ids(copy) == {"dry_run_buy_1", "dry_run_2"}
        writer.commit()
    assert order_ids(file) == {"dry_run_buy_1", "dry_run_2", "dry_run_3"}
    assert copy.name == "eager.dry_run.20260101T000000.000000Z.sqlite"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert device.copies() == [copy]


def test_the_last_ten_copies_are_kept_also_where_the_clock_was_set_back(device: Device) -> None:
    made(device.file())
    made(device.file().with_name("eagerly.dry_run.sqlite"))
    these = device.databases()
    other = these.copy("eagerly")
    copies = [these.copy("eager"), these.copy("eager")]
    for _ in range(10):
        device.clock.sleep(1)
        copies.append(these.copy("eager"))
    assert {str(one) for one in device.copies()} == {*copies[2:], other}
    device.clock.at -= timedelta(days=1)
    early = these.copy("eager")
    assert {str(one) for one in device.copies()} == {early, *copies[3:], other}


def test_a_database_that_is_damaged_or_a_full_disk_gives_no_copy(device: Device) -> None:
    many = tuple({**ORDER, "id": number, "order_id": f"dry_run_{number}" * 10} for number in range(2000))
    made(device.file(), orders=many)
    with full_disk(30_000), pytest.raises(ToolFailed, match="could not be copied"):
        device.databases().copy("eager")
    assert device.copies() == []
    corrupt(device.file())
    with pytest.raises(ToolFailed, match="could not be copied"):
        device.databases().copy("eager")
    assert device.copies() == []


def test_what_a_killed_copy_left_is_cleaned_up(device: Device) -> None:
    made(device.file())
    folder = device.file().with_name("copies")
    folder.mkdir()
    (folder / ".eager.part").write_bytes(b"half")
    (folder / ".eager.part-journal").write_bytes(b"half")
    copy = device.databases().copy("eager")
    assert [str(one) for one in device.copies()] == [copy]


def test_the_database_of_a_bot_that_ran_elsewhere_goes_on_here(device: Device, tmp_path: Path) -> None:
    old = made(tmp_path / "old bot? 100%.sqlite")
    before = old.read_bytes()
    device.databases().adopt("eager", old)
    assert device.databases().exists("eager")
    assert device.databases().known_orders("eager").ids == {"dry_run_buy_1"}
    assert stat.S_IMODE(device.file().stat().st_mode) == 0o600
    assert old.read_bytes() == before
    assert sorted(one.name for one in device.file().parent.iterdir()) == [device.file().name]


def test_a_database_of_an_older_engine_is_taken_over(device: Device, tmp_path: Path) -> None:
    old = made(tmp_path / "old.sqlite", extra=("sell_reason", "buy_tag"), without=("exit_reason", "record_version"))
    device.databases().adopt("eager", old)
    assert device.databases().exists("eager")


OURS = {"mode": "dry_run", "strategy": "eager", "environment": "test", "engine": "2026.9"}
UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "live orders": ({"orders": ({**ORDER, "order_id": "4711"},)}, r"orders of the mode live \(4711\)"),
    "live mark": ({"marks": {**OURS, "mode": "live"}}, "belongs to the mode live"),
    "strategy": ({"marks": {**OURS, "strategy": "other"}}, "belongs to the strategy other, not to eager"),
    "environment": ({"marks": {**OURS, "environment": "paper"}}, "belongs to the environment paper"),
    "newer": ({"extra": ("tomorrow",)}, r"migrated by a newer engine: .* does not know trades\.tomorrow"),
    "newer by its mark": (
        {"extra": ("sell_reason",), "without": ("exit_reason",), "marks": {**OURS, "engine": "2999.1"}},
        r"migrated by freqtrade 2999\.1",
    ),
    "another exchange": ({"trades": ({**TRADE, "exchange": "kraken"},)}, "whose exchange is kraken"),
    "another currency": ({"trades": ({**TRADE, "stake_currency": "EUR"},)}, "whose stake_currency is EUR"),
    "futures": ({"trades": ({**TRADE, "trading_mode": "FUTURES"},)}, "whose trading_mode is FUTURES"),
    "no freqtrade": ({"without": ("pair",)}, "no database of freqtrade's"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_a_database_that_cannot_go_on_here_is_not_taken_over(device: Device, tmp_path: Path, case: str) -> None:
    changed, told = UNFIT[case]
    old = made(tmp_path / "old.sqlite", **changed)
    with pytest.raises(Refused, match=told):
        device.databases().adopt("eager", old)
    assert not device.databases().exists("eager")
    assert list(device.file().parent.iterdir()) == []


def test_a_dry_run_database_does_not_go_live_and_closed_trades_may_be_of_elsewhere(
    device: Device, tmp_path: Path
) -> None:
    old = made(tmp_path / "old.sqlite")
    with pytest.raises(Refused, match=r"orders of the mode dry_run \(dry_run_buy_1\)"):
        device.databases("prod").adopt("eager", old)
    closed = made(tmp_path / "closed.sqlite", trades=({**TRADE, "exchange": "kraken", "is_open": 0},))
    device.databases().adopt("eager", closed)


def test_what_is_no_undamaged_database_is_not_taken_over(device: Device, tmp_path: Path) -> None:
    these = device.databases()
    corrupt(made(tmp_path / "damaged.sqlite"))
    (tmp_path / "text.sqlite").write_bytes(b"hello " * 1000)
    (tmp_path / "empty.sqlite").write_bytes(b"")
    for name in ("damaged", "text", "empty"):
        with pytest.raises(Refused):
            these.adopt("eager", tmp_path / f"{name}.sqlite")
    with pytest.raises(Refused, match="is no file"):
        these.adopt("eager", tmp_path)
    with pytest.raises(ToolFailed, match="No such file"):
        these.adopt("eager", tmp_path / "missing.sqlite")
    assert not these.exists("eager")


@pytest.mark.processes
def test_what_a_killed_bot_has_committed_is_taken_over_with_its_database(device: Device, tmp_path: Path) -> None:
    old = made(tmp_path / "old.sqlite")
    changed_and_left(old, "committed")
    with closing(sqlite3.connect(old)) as database:
        database.execute("DELETE FROM orders WHERE order_id LIKE 'lost%' AND id > 101")
        database.execute("UPDATE orders SET order_id = 'dry_run_' || order_id WHERE id >= 100")
        database.commit()
        shutil.copy(old, tmp_path / "left.sqlite")
        shutil.copy(tmp_path / "old.sqlite-wal", tmp_path / "left.sqlite-wal")
    device.databases().adopt("eager", tmp_path / "left.sqlite")
    known = {"dry_run_buy_1", "dry_run_lost_0", "dry_run_lost_1"}
    assert device.databases().known_orders("eager").ids == known


@pytest.mark.processes
def test_a_database_that_was_left_in_the_middle_of_a_change_is_not_changed_by_us(
    device: Device, tmp_path: Path
) -> None:
    old = made(tmp_path / "old.sqlite")
    with closing(sqlite3.connect(old)) as database:
        database.execute("PRAGMA journal_mode = DELETE").fetchone()
    changed_and_left(old, "open")
    before = old.read_bytes()
    with pytest.raises(Refused, match="left in the middle of a change") as refused:
        device.databases().adopt("eager", old)
    assert "start its bot once more" in refused.value.hint
    assert old.read_bytes() == before


@pytest.mark.processes
def test_a_database_that_a_process_has_open_is_not_taken_over(device: Device, tmp_path: Path) -> None:
    old = made(tmp_path / "old.sqlite")
    script = f"import sqlite3; d = sqlite3.connect({str(old)!r}); d.execute('SELECT * FROM trades').fetchall(); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(Refused, match="is in use"):
            device.databases().adopt("eager", old)
        other.communicate("\n")
    device.databases().adopt("eager", old)


def test_a_database_whose_lock_a_bot_holds_is_not_taken_over(device: Device, tmp_path: Path) -> None:
    old = made(tmp_path / "old.sqlite")
    with (tmp_path / "old.sqlite.lock").open("w") as held:
        held.write('{"bot": "paper-eager-a", "pid": 1}')
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="is in use by paper-eager-a"):
            device.databases().adopt("eager", old)


@pytest.mark.parametrize(
    ("remains", "told"), [("", "has a database already"), ("-wal", "is left of"), ("-journal", "is left of")]
)
def test_no_database_is_put_in_the_place_of_another_or_beside_its_remains(
    device: Device, tmp_path: Path, remains: str, told: str
) -> None:
    old = made(tmp_path / "old.sqlite")
    there = device.file().with_name(device.file().name + remains)
    there.parent.mkdir(parents=True)
    there.write_bytes(b"")
    with pytest.raises(Refused, match=told):
        device.databases().adopt("eager", old)
    assert there.read_bytes() == b""


def test_a_full_disk_takes_nothing_over(device: Device, tmp_path: Path) -> None:
    many = tuple({**ORDER, "id": number, "order_id": f"dry_run_{number}" * 10} for number in range(2000))
    old = made(tmp_path / "old.sqlite", orders=many)
    with full_disk(30_000), pytest.raises(ToolFailed, match="cannot be taken over"):
        device.databases().adopt("eager", old)
    assert not device.databases().exists("eager")
    assert list(device.file().parent.iterdir()) == []


def test_a_database_that_stays_locked_is_told(device: Device, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pipeline.adapters.bot_database_files._BUSY_SECONDS", 0.2)
    file = made(device.file())
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE").fetchone()
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ToolFailed, match="database is locked"):
            device.databases().copy("eager")
        with pytest.raises(Refused, match="database is locked"):
            device.databases().known_orders("eager")
    assert device.databases().copy("eager")
