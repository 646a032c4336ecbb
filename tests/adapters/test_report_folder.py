"""Of an environment's reports the latest few stay, one a day, for their owner alone."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.report_folder import KEPT, keep_report, write_report
from pipeline.errors import ToolFailed

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)


def test_the_latest_twelve_stay_and_what_is_no_report_of_ours_does_too(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "notes.html").write_text("mine")
    made = [keep_report(folder, f"week {n}", NOW + timedelta(weeks=n)) for n in range(KEPT + 3)]
    assert sorted(folder.iterdir()) == [folder / "notes.html", *made[3:]]
    assert made[-1].read_text() == "week 14"
    assert stat.S_IMODE(made[-1].stat().st_mode) == 0o600


def test_one_of_the_same_day_is_replaced(tmp_path: Path) -> None:
    first = keep_report(tmp_path / "reports", "morning", NOW)
    assert keep_report(tmp_path / "reports", "evening", NOW + timedelta(hours=12)) == first
    assert first.read_text() == "evening"
    assert stat.S_IMODE((tmp_path / "reports").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file is in the way")
    with pytest.raises(ToolFailed, match="reports"):
        keep_report(tmp_path / "reports", "page", NOW)
    with pytest.raises(ToolFailed, match="reports"):
        write_report(tmp_path / "reports" / "x.html", "page")
    assert list(tmp_path.iterdir()) == [tmp_path / "reports"]
