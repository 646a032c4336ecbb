"""What is known of freqtrade's database without freqtrade is what the pinned engine says, and the bot's own check says the same."""

import inspect
import re

import pytest
from freqtrade.persistence import migrations
from freqtrade.persistence.base import ModelBase

from pipeline.adapters.bot_database_schema import COLUMNS, MARKER, REPLACED, by_newer_engine
from pipeline.adapters.freqtrade import bot_database
from pipeline.adapters.freqtrade.bot_ending import BotRefused

INSTALLED = (2026, 9)


def test_tables_columns_and_marker_are_the_engines() -> None:
    tables = ModelBase.metadata.tables
    assert {name: {str(column.name) for column in table.columns} for name, table in tables.items()} == COLUMNS
    assert MARKER == bot_database.MARKER


def test_the_replaced_columns_are_those_that_the_migration_names() -> None:
    source = inspect.getsource(migrations)
    asked = re.findall(r'(?:get_column_def|has_column)\(\s*cols\w*,\s*"(\w+)"(?:,\s*"(\w+)")?', source)
    named = {name for names in asked for name in names if re.fullmatch("[a-z_]+", name)} - {"null", "false"}
    assert named - {column for columns in COLUMNS.values() for column in columns} == REPLACED


@pytest.mark.parametrize(
    ("extra", "without", "engine"),
    [
        ((), (), ""),
        ((), ("exit_reason",), ""),
        (("sell_reason",), ("exit_reason",), ""),
        (("sell_reason",), ("exit_reason",), "2020.1"),
        (("sell_reason",), ("exit_reason",), "2999.1"),
        (("sell_reason",), (), ""),
        (("tomorrow",), (), ""),
        (("tomorrow",), ("exit_reason",), ""),
    ],
)
def test_a_newer_engine_is_seen_exactly_where_the_bot_would_see_one(
    extra: tuple[str, ...], without: tuple[str, ...], engine: str
) -> None:
    tables = {name: set(columns) for name, columns in COLUMNS.items()}
    tables["trades"] = (tables["trades"] | set(extra)) - set(without)
    number = tuple(int(part) for part in engine.split(".") if part)
    try:
        bot_database._check_engine(tables, engine)
        refused = False
    except BotRefused:
        refused = True
    assert bool(by_newer_engine(tables, number, INSTALLED)) == refused
