"""What stands in files comes back out of them, and damage is told or survived."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.supervisor import launch, record
from pipeline.adapters.supervisor.launch import Launch
from pipeline.adapters.supervisor.record import Record
from pipeline.domain.bot import BotSpec, BotState

SPEC = BotSpec("test-swing-a", "test", "swing", "sha256:1", '/srv/a "b" ü\n', 18001, 512, 12.5)
RECORD = Record(
    BotState.STOPPING, datetime(2026, 1, 1, tzinfo=UTC), 7, 2, "why", True, -1, (datetime(2026, 1, 2, tzinfo=UTC),)
)


def test_what_to_start_comes_back_as_it_was_written(tmp_path: Path) -> None:
    what = Launch(SPEC, ("/bin/python", "-c", "'%(here)s' ;# $X\n"), {"A": "b c"})
    (tmp_path / "launch.json").write_text(launch.written(what))
    assert launch.read(tmp_path / "launch.json") == what
    assert what.memory_limit.startswith("512 MiB: RLIMIT_DATA")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"spec": {}}', '{"spec": {"nme": 1}, "argv": [], "environment": {}}']
)
def test_a_file_that_does_not_say_what_to_start_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "launch.json").write_text(text)
    with pytest.raises(ValueError, match=r"Expecting value|does not say what to start"):
        launch.read(tmp_path / "launch.json")


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert record.from_plain(record.plain(RECORD)) == RECORD
    (tmp_path / "record.json").write_text(record.written(RECORD))
    assert record.read(tmp_path / "record.json") == RECORD


@pytest.mark.parametrize("text", ["", "{}", '{"state": "odd"}', record.written(RECORD)[:40]])
def test_a_record_that_a_full_disk_damaged_is_an_empty_one(tmp_path: Path, text: str) -> None:
    assert record.read(tmp_path / "none") == Record()
    (tmp_path / "record.json").write_text(text)
    assert record.read(tmp_path / "record.json") == Record()
    assert replace(RECORD) != Record()
