"""A bot opens its own database and no other: undamaged, of its mode and strategy, and not migrated by a newer engine."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from freqtrade import __version__
from freqtrade.persistence.base import ModelBase
from sqlalchemy import create_engine

from pipeline.adapters.freqtrade import bot_database
from pipeline.adapters.freqtrade.bot_database import MARKER, claim
from pipeline.adapters.freqtrade.bot_ending import BotRefused
from tests.domain.test_bot_settings import SETTINGS

DRY, LIVE = replace(SETTINGS, mode="dry_run"), SETTINGS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "databases" / "trend.sqlite"


def run(path: Path, *statements: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database, database:
        return [row for statement in statements for row in database.execute(statement)]


def as_freqtrade_makes_it(path: Path, orders: Iterable[str] = ()) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}")
    ModelBase.metadata.create_all(engine)
    engine.dispose()
    for number, order in enumerate(orders, start=1):
        run(
            path,
            "INSERT INTO orders (id, ft_trade_id, ft_order_side, ft_pair, ft_is_open, ft_amount, ft_price, order_id)"
            f" VALUES ({number}, 1, 'buy', 'A/B', 0, 1, 1, '{order}')",
        )


def test_a_new_database_is_marked_and_opened_again(path: Path) -> None:
    claim(path, DRY)
    claim(path, DRY)
    marks = dict(run(path, f"SELECT key, value FROM {MARKER}"))
    assert marks == {"mode": "dry_run", "strategy": "trend", "environment": "sandbox", "engine": __version__}
    assert path.stat().st_mode & 0o777 == 0o600


def test_freqtrade_s_own_database_is_taken_over_and_keeps_its_orders(path: Path) -> None:
    as_freqtrade_makes_it(path, ["dry_run_buy_A/B_1", "dry_run_sell_A/B_2"])
    claim(path, DRY)
    assert run(path, "SELECT count(*) FROM orders") == [(2,)]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (LIVE, "belongs to the mode dry_run, and this bot is of the mode live"),
        (replace(DRY, strategy="another"), "belongs to the strategy trend"),
        (replace(DRY, environment="prod"), "belongs to the environment sandbox"),
    ],
)
def test_a_database_that_belongs_to_another_is_refused(path: Path, other: object, told: str) -> None:
    claim(path, DRY)
    before = path.read_bytes()
    with pytest.raises(BotRefused, match=told):
        claim(path, other)  # type: ignore[arg-type]
    assert path.read_bytes() == before


def test_orders_tell_the_mode_where_no_mark_does(path: Path) -> None:
    as_freqtrade_makes_it(path, ["dry_run_buy_A/B_1"])
    with pytest.raises(BotRefused, match="holds orders of the mode dry_run"):
        claim(path, LIVE)
    run(path, "UPDATE orders SET order_id = '4711'")
    with pytest.raises(BotRefused, match="holds orders of the mode live"):
        claim(path, DRY)
    claim(path, LIVE)


def test_freqtrade_still_names_simulated_orders_as_we_look_for_them() -> None:
    from freqtrade.exchange import exchange

    assert 'f"dry_run_{side}_{pair}_{uuid4()}"' in Path(exchange.__file__).read_text()


def test_a_column_that_this_engine_does_not_know_was_made_by_a_newer_one(path: Path) -> None:
    as_freqtrade_makes_it(path)
    run(path, "ALTER TABLE trades ADD COLUMN from_the_future TEXT")
    with pytest.raises(BotRefused, match=r"migrated by a newer engine: .* does not know trades.from_the_future"):
        claim(path, DRY)


def test_a_mark_of_a_newer_engine_counts_where_its_columns_differ_and_not_where_they_do_not(path: Path) -> None:
    as_freqtrade_makes_it(path)
    claim(path, DRY)
    run(path, f"UPDATE {MARKER} SET value = '2999.1' WHERE key = 'engine'")
    claim(path, DRY)
    run(path, f"UPDATE {MARKER} SET value = '2999.1' WHERE key = 'engine'")
    run(path, "ALTER TABLE trades RENAME COLUMN exit_reason TO sell_reason")
    with pytest.raises(BotRefused, match=r"migrated by freqtrade 2999\.1"):
        claim(path, DRY)


def test_an_old_database_that_freqtrade_will_migrate_is_let_through(path: Path) -> None:
    as_freqtrade_makes_it(path)
    run(path, "ALTER TABLE trades RENAME COLUMN exit_reason TO sell_reason")
    claim(path, DRY)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_database_is_refused_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(BotRefused, match="is damaged"):
        claim(path, DRY)
    assert path.read_bytes() == content


def test_a_database_with_a_torn_page_is_refused(path: Path) -> None:
    as_freqtrade_makes_it(path, [f"dry_run_{number}_{'x' * 80}" for number in range(200)])
    content = bytearray(path.read_bytes())
    content[-4096 * 3 :] = b"\xa5" * 4096 * 3
    path.write_bytes(content)
    with pytest.raises(BotRefused, match="is damaged"):
        claim(path, DRY)


def test_a_database_that_another_process_has_locked_is_no_reason_to_give_up_for_good(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim(path, DRY)
    monkeypatch.setattr(bot_database, "_BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            claim(path, DRY)
