"""A home is the old one or the new one, wherever its writing was cut short: by an error, a full disk, or a kill at any call."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from pipeline.adapters import bot_home_files
from pipeline.adapters.bot_home_files import alone, make_private, put_home
from pipeline.adapters.bot_homes import BotHomes
from pipeline.domain.bot_settings import BRAKE_FILE
from pipeline.errors import ToolFailed
from tests.adapters.bot_device import FIRST_PORT, environment, full_disk, stored
from tests.fakes import FakeClock

Files = dict[str, tuple[bytes, int]]
OLD: Files = {"bot.json": (b"old", 0o600), "strategy/a.py": (b"old", 0o400), "gone.json": (b"", 0o600)}
NEW: Files = {"bot.json": (b"new", 0o600), "strategy/a.py": (b"new", 0o400), "strategy/b/c.py": (b"new", 0o400)}
CALLS = ("open", "mkdir", "fsync", "rename", "chmod")


def content(home: Path) -> dict[str, bytes]:
    return {file.relative_to(home).as_posix(): file.read_bytes() for file in home.rglob("*") if file.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def bytes_of(files: Files) -> dict[str, bytes]:
    return {path: written for path, (written, _) in files.items()}


def put(home: Path, files: Files) -> None:
    make_private(home.parent)
    with alone(home.parent):
        put_home(home, files)


@contextmanager
def at_call(number: int, do: Callable[[], None]) -> Iterator[list[int]]:
    """Have the n-th call that changes the disk do something else before it is made; the list counts the calls."""
    made: list[int] = []

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*arguments: object, **named: object) -> object:
            made.append(1)
            if len(made) == number:
                do()
            return call(*arguments, **named)

        return wrapped

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, counted(getattr(os, name)))
        patch.setattr(bot_home_files, "_exchange", counted(bot_home_files._exchange))
        yield made


def no_room() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_an_error_at_any_call_leaves_the_old_home_or_the_new_one(tmp_path: Path) -> None:
    failed = 0
    for number in count(1):
        home = tmp_path / str(number) / "bots" / "test-eager-a"
        put(home, OLD)
        with at_call(number, no_room) as made:
            try:
                put(home, NEW)
            except OSError:
                failed += 1
        assert content(home) in (bytes_of(OLD), bytes_of(NEW)), number
        if len(made) < number:
            break
        put(home, NEW)
        assert names(home.parent) == [home.name], number
    assert content(home) == bytes_of(NEW)
    assert names(home.parent) == [home.name]
    assert failed > 12


@pytest.mark.processes
@pytest.mark.parametrize("exchanging", [True, False])
def test_a_kill_at_any_call_leaves_a_whole_home_and_the_next_writer_cleans_up(
    tmp_path: Path, exchanging: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not exchanging:
        monkeypatch.setattr(bot_home_files, "_exchange", lambda *_: refuse_to_exchange())
    seen = set()
    for number in count(1):
        home = tmp_path / str(number) / "bots" / "test-eager-a"
        put(home, OLD)
        pid = os.fork()
        if pid == 0:
            with at_call(number, lambda: os._exit(9)):
                put(home, NEW)
            os._exit(0)
        killed = os.waitpid(pid, 0)[1] != 0
        found = home if home.is_dir() else home.with_name(".test-eager-a.old")
        assert exchanging <= (found == home)
        assert content(found) in (bytes_of(OLD), bytes_of(NEW)), number
        seen.add(content(found)["bot.json"])
        put(home, NEW)
        assert content(home) == bytes_of(NEW)
        assert names(home.parent) == [home.name], number
        if not killed:
            break
    assert seen == {b"old", b"new"}


def refuse_to_exchange() -> None:
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


def test_where_two_folders_cannot_be_exchanged_an_error_puts_the_old_home_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "bots" / "test-eager-a"
    monkeypatch.setattr(bot_home_files, "_exchange", lambda *_: refuse_to_exchange())
    put(home, OLD)
    put(home, NEW)
    assert content(home) == bytes_of(NEW)
    rename = os.rename

    def stubborn(one: str, other: str) -> None:
        if Path(one).name.endswith(".new"):
            no_room()
        rename(one, other)

    monkeypatch.setattr(os, "rename", stubborn)
    with pytest.raises(OSError, match="No space"):
        put(home, OLD)
    assert content(home) == bytes_of(NEW)
    assert names(home.parent) == [home.name]


def test_a_full_disk_leaves_the_old_home_and_says_what_to_do(tmp_path: Path) -> None:
    these = BotHomes(tmp_path, environment(), FakeClock(), first_port=FIRST_PORT)
    old, new = stored(), stored(files={"local.py": b"#" * 20_000})
    spec = these.spec("eager", "a", old.digest, 0)
    these.prepare(spec, old, "not proved yet")
    before = content(Path(spec.home))
    following = these.spec("eager", "a", new.digest, 0)
    with full_disk(10_000), pytest.raises(ToolFailed, match="could not be written: File too large") as failed:
        these.prepare(following, new, "not proved yet")
    assert "what was there stays as it was" in failed.value.hint
    assert content(Path(spec.home)) == before
    assert names(tmp_path / "test" / "bots") == ["test-eager-a"]
    these.prepare(following, new, "not proved yet")
    assert content(Path(spec.home))["strategy/local.py"] == b"#" * 20_000


def test_a_full_disk_does_not_keep_a_bot_from_being_braked(tmp_path: Path) -> None:
    these = BotHomes(tmp_path, environment(), FakeClock(), first_port=FIRST_PORT)
    one = stored()
    spec = these.spec("eager", "a", one.digest, 0)
    these.prepare(spec, one, "")
    with full_disk(0):
        these.hold(spec, "drawdown of 30 %")
    assert (Path(spec.home) / BRAKE_FILE).exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "test").write_bytes(b"")
    these = BotHomes(tmp_path, environment(), FakeClock(), first_port=FIRST_PORT)
    one = stored()
    spec = these.spec("eager", "a", one.digest, 0)
    with pytest.raises(ToolFailed, match="could not be written"):
        these.prepare(spec, one, "")
    with pytest.raises(ToolFailed, match="could not be braked"):
        these.hold(spec, "asked")
