"""The file of secrets: whole or as before, and used only if nobody else could have touched it."""

import errno
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters import files, secret_file
from pipeline.adapters.secret_file import SecretFile
from pipeline.domain.trading import Secret
from pipeline.errors import Refused, ToolFailed

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ODD = {
    "EMPTY": "",
    "NUMERIC": "000123",
    "QUOTES": '"it\'s" `x` $y \\n',
    "LINES": "-----BEGIN KEY-----\nabc\r\n-----END KEY-----\n",
    "SPACES": "  a ",
    "OTHER": "schlüssel \u2028 🚂",
}


def store(tmp_path: Path) -> SecretFile:
    return SecretFile(tmp_path / "device" / "sandbox")


def put(kept: SecretFile, at: datetime = AT, **values: str) -> None:
    kept.change({name: Secret(text) for name, text in values.items()}, (), at)


def values(kept: SecretFile) -> dict[str, str]:
    return {name: one.value.reveal() for name, one in kept.kept().items()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_value_comes_back_exactly_with_the_time_since_when(tmp_path: Path) -> None:
    kept = store(tmp_path)
    assert kept.kept() == {}
    put(kept, **ODD)
    put(kept, AT + timedelta(days=1), NUMERIC="1e5")
    assert values(kept) == ODD | {"NUMERIC": "1e5"}
    assert kept.kept()["EMPTY"].since_at == AT
    assert kept.kept()["NUMERIC"].since_at == AT + timedelta(days=1)
    kept.change({}, ("QUOTES", "LINES"), AT)
    assert sorted(values(kept)) == ["EMPTY", "NUMERIC", "OTHER", "SPACES"]


def test_nobody_else_can_read_the_file_or_look_into_its_folder(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept = store(tmp_path)
        put(kept, A="x")
    finally:
        os.umask(before)
    assert (mode(kept.path), mode(kept.path.parent)) == (0o600, 0o700)


def test_a_folder_that_is_there_shuts_out_others_and_keeps_its_group(tmp_path: Path) -> None:
    kept = store(tmp_path)
    kept.path.parent.mkdir(parents=True)
    kept.path.parent.chmod(0o2755)
    put(kept, A="x")
    assert mode(kept.path.parent) == 0o2750


@pytest.mark.parametrize("loose", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_use_is_refused_with_the_command_that_mends_it(tmp_path: Path, loose: int) -> None:
    kept = store(tmp_path)
    put(kept, A="hunter2")
    kept.path.chmod(loose)
    with pytest.raises(Refused) as found:
        kept.kept()
    assert f"mode {loose:04o}" in found.value.message
    assert f"chmod 600 {kept.path}" in found.value.hint
    with pytest.raises(Refused):
        put(kept, B="x")
    kept.path.chmod(0o600)
    assert values(kept) == {"A": "hunter2"}


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    kept = store(tmp_path)
    put(kept, A="x")
    kept.path.parent.chmod(0o770)
    with pytest.raises(Refused, match="can be written to by others") as found:
        kept.kept()
    assert found.value.hint == f"chmod go-w {kept.path.parent}"


def test_somebody_elses_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = store(tmp_path)
    put(kept, A="x")
    monkeypatch.setattr(secret_file.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(Refused, match="does not belong to the user") as found:
        kept.kept()
    assert f"sudo chown $(id -un) {kept.path}" in found.value.hint


def test_links_and_second_names_are_refused(tmp_path: Path) -> None:
    kept = store(tmp_path)
    put(kept, A="x")
    os.link(kept.path, tmp_path / "second")
    with pytest.raises(Refused, match="has a second name"):
        kept.kept()
    kept.path.unlink()
    kept.path.symlink_to(tmp_path / "second")
    with pytest.raises(Refused, match="is a link"):
        kept.kept()
    kept.path.unlink()
    kept.path.mkdir(mode=0o700)
    with pytest.raises(Refused, match="is no plain file"):
        kept.kept()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "hunter2",
        '{"kept": {"A": {"value": "hunter2"}}}',
        '{"kept": {"A": {"since": "yesterday", "value": "hunter2"}}}',
    ],
)
def test_a_damaged_file_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    kept = store(tmp_path)
    put(kept, A="x")
    kept.path.write_text(content)
    with pytest.raises(Refused, match="is damaged") as found:
        kept.kept()
    assert "hunter2" not in f"{found.value} {found.value.hint} {found.value.__cause__}"


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_where_writing_fails_the_old_file_stays_and_nothing_else_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    kept = store(tmp_path)
    put(kept, A="old")
    before = kept.path.read_bytes()

    def fail(_: int) -> None:
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", fail)
        with pytest.raises(ToolFailed if isinstance(failure, OSError) else KeyboardInterrupt) as found:
            put(kept, A="new")
    assert kept.path.read_bytes() == before
    assert [path.name for path in kept.path.parent.iterdir()] == ["secrets.json"]
    if isinstance(found.value, ToolFailed):
        assert ("nothing was changed" in found.value.message, found.value.hint) == (True, "make room on the disk")


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    kept = store(tmp_path)
    put(kept, A="x")
    (kept.path.parent / ".secrets.json.abcd").write_text("hunter2")
    put(kept, B="y")
    assert sorted(path.name for path in kept.path.parent.iterdir()) == ["secrets.json"]
