"""`freqtrain gate --require-sandbox`, as a person calls it."""

from pathlib import Path

import pytest

from tests.cli.freqtrain import freqtrain

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("arguments", "env"),
    [(["--require-sandbox"], {}), ([], {"GITHUB_ACTIONS": "true"})],
    ids=["asked for", "in Actions"],
)
def test_without_a_sandbox_nothing_runs_where_one_is_required(
    tmp_path: Path, arguments: list[str], env: dict[str, str]
) -> None:
    said = freqtrain(
        "gate", *arguments, "--user-data", tmp_path, "--out", tmp_path / "out", env={**env, "PATH": str(tmp_path)}
    )
    assert said.code == 3
    assert "bubblewrap (bwrap) is not installed; Docker is not installed" in said.err
    assert "sudo apt install bubblewrap" in said.err
    assert not (tmp_path / "out").exists()


def test_the_guard_has_to_do_where_no_sandbox_is_required_and_the_person_is_told(tmp_path: Path) -> None:
    (tmp_path / "strategies").mkdir()
    said = freqtrain(
        *("gate", "--strategies", tmp_path / "strategies", "--user-data", tmp_path, "--out", tmp_path / "out"),
        env={"PATH": str(tmp_path)},
    )
    assert "no sandbox (bubblewrap (bwrap) is not installed; Docker is not installed): a guard has to do" in said.err
