"""What filled an environment's file the last time."""

from pathlib import Path

import pytest

from pipeline.adapters.remembered_variables import FILE, remember_variables, remembered_variables


def test_what_was_written_down_is_read_again_and_only_changes_are_written(tmp_path: Path) -> None:
    assert remembered_variables(tmp_path / "nowhere") == {}
    remember_variables(tmp_path, {"STAKE": "20", "EXCHANGE_NAME": "kraken"})
    before = (tmp_path / FILE).stat().st_ino
    remember_variables(tmp_path, {"EXCHANGE_NAME": "kraken", "STAKE": "20"})
    assert (tmp_path / FILE).stat().st_ino == before
    remember_variables(tmp_path, {"STAKE": "000123"})
    assert remembered_variables(tmp_path) == {"STAKE": "000123"}
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "[]", '{"STAKE": 20}', "{"])
def test_what_cannot_be_read_is_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert remembered_variables(tmp_path) == {}
