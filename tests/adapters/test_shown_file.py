"""What an environment shares with the users of later ones: the same numbers, for a short time, or nothing."""

import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.shown_file import ShownFile, is_foreign
from pipeline.domain.train.boarding import Shown
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome
from pipeline.errors import ToolFailed

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
DIP = ("dip", "sha256:" + "1" * 64)
SHOWN = Shown(
    healthy_hours=340.5,
    closed_trades=31,
    measurements=(
        Measurement("profit_factor", math.inf, ALL_WINDOWS),
        Measurement("edge_low_ratio", 0.0012, ALL_WINDOWS),
    ),
    held=("a brake: drawdown",),
    against=(Finding("staying", "edge_high_ratio", Outcome.FAIL, "It earns less than promised."),),
)


@pytest.fixture
def file(tmp_path: Path) -> ShownFile:
    (tmp_path / "test").mkdir()
    return ShownFile(tmp_path, "test")


def test_what_was_shared_is_read_as_it_was(file: ShownFile, tmp_path: Path) -> None:
    file.write({DIP: SHOWN, ("other", "sha256:2"): Shown()}, NOW)
    assert file.read(NOW + timedelta(minutes=1)) == {DIP: SHOWN, ("other", "sha256:2"): Shown()}
    assert (tmp_path / "test/shown.json").stat().st_mode & 0o777 == 0o640


def test_a_number_that_is_none_survives(file: ShownFile) -> None:
    file.write({DIP: Shown(measurements=(Measurement("calmar", math.nan, ALL_WINDOWS),))}, NOW)
    (measured,) = file.read(NOW)[DIP].measurements
    assert math.isnan(measured.value)


@pytest.mark.parametrize("later", [timedelta(minutes=16), timedelta(minutes=-16)])
def test_what_is_old_or_of_the_future_is_not_believed(file: ShownFile, later: timedelta) -> None:
    file.write({DIP: SHOWN}, NOW)
    with pytest.raises(ToolFailed, match="too long ago"):
        file.read(NOW + later)


def test_what_was_never_shared_or_is_damaged_or_another_environments_is_not_believed(
    file: ShownFile, tmp_path: Path
) -> None:
    with pytest.raises(ToolFailed, match="cannot be read"):
        file.read(NOW)
    (tmp_path / "test/shown.json").write_text('{"environment": "test"}')
    with pytest.raises(ToolFailed, match="not what was shared"):
        file.read(NOW)
    (tmp_path / "sandbox").mkdir()
    ShownFile(tmp_path, "sandbox").write({DIP: SHOWN}, NOW)
    (tmp_path / "sandbox/shown.json").rename(tmp_path / "test/shown.json")
    with pytest.raises(ToolFailed):
        file.read(NOW)


def test_only_another_users_folder_is_foreign(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    assert not is_foreign(tmp_path, "test")
    assert not is_foreign(tmp_path, "sandbox")
    if os.geteuid() == 0:
        os.chown(tmp_path / "test", 65_534, -1)
        assert is_foreign(tmp_path, "test")
