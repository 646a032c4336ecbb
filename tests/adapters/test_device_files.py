"""What makes a machine a device, read from real files with real modes."""

import os
from pathlib import Path

import pytest

from pipeline.adapters.device_files import device, exposed, hook
from pipeline.errors import Refused

ME = os.geteuid()


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    folder = tmp_path / "hooks"
    folder.mkdir(mode=0o755)
    (folder / "job-started.sh").write_text("#!/bin/sh\n")
    (folder / "job-started.allow").write_text("repository trader/strategies\nclone /x\n")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A device's home as it should be."""
    made = tmp_path / "home"
    for folder in ("sandbox/bots/dip", "sandbox/databases", "runtime"):
        (made / folder).mkdir(parents=True)
    for folder in ("sandbox/bots", "sandbox/bots/dip", "sandbox/databases", "runtime"):
        (made / folder).chmod(0o700)
    made.chmod(0o710)
    for file in ("sandbox/bots/dip/secret.json", "sandbox/secrets.json", "sandbox/databases/dip.live.sqlite"):
        (made / file).write_text("{}")
        (made / file).chmod(0o600)
    (made / "sandbox/ledger.jsonl").write_text("")
    return made


def test_a_home_as_it_should_be_exposes_nothing(home: Path) -> None:
    assert exposed(home, "sandbox") == ()


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("", 0o750),
        ("sandbox/bots", 0o711),
        ("sandbox/secrets.json", 0o640),
        ("sandbox/bots/dip/secret.json", 0o644),
        ("runtime", 0o755),
    ],
)
def test_each_file_that_others_can_get_at_is_found(home: Path, path: str, mode: int) -> None:
    (home / path).chmod(mode)
    (found,) = exposed(home, "sandbox")
    assert (found.path, found.mode, found.foreign) == (str(home / path), mode, False)


def test_another_users_file_is_told_as_such(home: Path) -> None:
    if ME != 0:
        pytest.skip("only root can give files away")
    os.chown(home / "sandbox/secrets.json", 65_534, -1)
    (found,) = exposed(home, "sandbox")
    assert found.foreign


def test_a_hook_as_it_should_be_has_no_problem(hooks: Path) -> None:
    assert hook("trader/strategies", hooks, ME).problem == ""


def test_a_hook_that_others_could_change_or_that_is_no_file_of_roots_is_told(hooks: Path) -> None:
    assert "does not name the repository" in hook("somebody/else", hooks, ME).problem
    assert "can write" in hook("trader/strategies", hooks, ME + 1).problem
    (hooks / "job-started.sh").chmod(0o775)
    assert "can write" in hook("trader/strategies", hooks, ME).problem
    (hooks / "job-started.sh").unlink()
    assert "missing" in hook("trader/strategies", hooks, ME).problem
    (hooks / "job-started.sh").symlink_to("/bin/true")
    assert "can write" in hook("trader/strategies", hooks, ME).problem


def test_what_the_set_up_wrote_is_read_and_anything_else_refused(tmp_path: Path) -> None:
    file = tmp_path / "device.json"
    assert device(file) is None
    file.write_text(
        '{"repository": "a/b", "folder": "/var/lib/freqtrain", "environments": {"test": {"user": "freqtrain-test", "reads": []}}}'
    )
    known = device(file)
    assert known is not None
    assert (known.repository, known.environments["test"].user, known.backup_off_device) == (
        "a/b",
        "freqtrain-test",
        False,
    )
    file.write_text('{"repository": 1}')
    with pytest.raises(Refused):
        device(file)
