"""Databases of others are read without leaving anything beside them, also while somebody writes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.untouched import address


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a b#?.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE numbers (n INTEGER)")
        database.execute("INSERT INTO numbers VALUES (1)")
        database.commit()
    return path


def numbers(file: Path) -> list[int]:
    with closing(sqlite3.connect(address(file), uri=True)) as database:
        return [int(n) for (n,) in database.execute("SELECT n FROM numbers ORDER BY n")]


def test_a_database_that_nobody_has_open_is_read_and_nothing_is_left(file: Path) -> None:
    assert numbers(file) == [1]
    assert list(file.parent.iterdir()) == [file]


def test_what_somebody_has_just_written_is_read(file: Path) -> None:
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("INSERT INTO numbers VALUES (2)")
        writer.commit()
        assert numbers(file) == [1, 2]
        writer.execute("INSERT INTO numbers VALUES (3)")
        assert numbers(file) == [1, 2]
        writer.commit()
        assert numbers(file) == [1, 2, 3]
    assert list(file.parent.iterdir()) == [file]


def test_nothing_can_be_written_through_it(file: Path) -> None:
    with closing(sqlite3.connect(address(file), uri=True)) as database, pytest.raises(sqlite3.OperationalError):
        database.execute("INSERT INTO numbers VALUES (4)")
