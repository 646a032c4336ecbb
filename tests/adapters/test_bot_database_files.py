"""A database is read at one moment, and its copy is one file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.bot_database_files import copied, in_use, reading


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode = WAL").fetchone()
        database.execute("CREATE TABLE orders (order_id)")
    return path


def test_what_is_changed_while_it_is_read_is_not_seen(file: Path, tmp_path: Path) -> None:
    with reading(file) as database, closing(sqlite3.connect(file)) as writer:
        writer.execute("INSERT INTO orders VALUES ('later')")
        writer.commit()
        assert database.execute("SELECT * FROM orders").fetchall() == []
        assert copied(database, tmp_path / "copy.sqlite") == ""
    with reading(tmp_path / "copy.sqlite") as copy:
        assert copy.execute("SELECT * FROM orders").fetchall() == []
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert not in_use(file)


@pytest.mark.parametrize("repair", [True, False])
def test_nothing_is_changed_by_reading_and_nothing_is_made(file: Path, repair: bool) -> None:
    with reading(file, repair=repair) as database, pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.execute("INSERT INTO orders VALUES ('mine')")
    missing = file.with_name("missing.sqlite")
    with pytest.raises(sqlite3.OperationalError), reading(missing, repair=repair):
        pass
    assert not missing.exists()
