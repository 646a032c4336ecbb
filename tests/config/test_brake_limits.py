"""Mode and limits of an environment's file, read leniently, because only a number on a screen depends on them."""

from pathlib import Path

import pytest

from pipeline.config.brake_limits import written
from pipeline.config.trading import load_trading_environment
from pipeline.errors import ToolFailed
from tests.needs import ROOT

BRAKES = """
mode: dry_run
brakes:
  drawdown_max_ratio: {limit: 12.5%, action: stop_entries}
  daily_loss_max_ratio: {limit: '${MOST}', action: stop_entries}
  heartbeat_seconds: {limit: 120, action: stop_entries}
"""


def made(folder: Path, text: str) -> Path:
    file = folder / "test.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_shares_seconds_and_variables_are_understood(tmp_path: Path) -> None:
    found = written(made(tmp_path, BRAKES), {"MOST": "3%"})
    assert (found.mode, found.runtime, found.supervised) == ("dry_run", "", True)
    assert found.limits == {"drawdown_max_ratio": 0.125, "daily_loss_max_ratio": 0.03, "heartbeat_seconds": 120.0}


def test_a_limit_that_is_not_known_is_left_out(tmp_path: Path) -> None:
    assert "daily_loss_max_ratio" not in written(made(tmp_path, BRAKES), {}).limits
    assert written(made(tmp_path, "mode: live\nbrakes: 3\n"), {}).limits == {}
    odd = "mode: '${MODE}'\nbrakes:\n  drawdown_max_ratio: {limit: true}\n  heartbeat_seconds: 3\n"
    assert (written(made(tmp_path, odd), {}).mode, written(made(tmp_path, odd), {}).limits) == ("", {})


@pytest.mark.parametrize("text", ["mode: [", "- 1\n", "brakes: {}\n", "mode: 3\n"])
def test_what_is_no_environments_file_says_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(ToolFailed, match=r"test\.yml is no environment's file"):
        written(made(tmp_path, text), {})


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="cannot be read"):
        written(tmp_path, {})


@pytest.mark.parametrize("name", ["test", "sandbox", "prod"])
def test_it_reads_the_repositorys_own_files_as_the_train_does(name: str) -> None:
    file = ROOT / "environments" / f"{name}.yml"
    variables = {"DRY_RUN": "true" if name == "test" else "false"}
    strict = load_trading_environment(file, variables).environment
    found = written(file, variables)
    assert found.limits == {brake: limit.limit for brake, limit in strict.brakes.named()}
    assert found.runtime == strict.runtime.value
    assert found.mode == ("dry_run" if strict.dry_run else "live")
