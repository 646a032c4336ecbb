"""The folder that a watch is started in: what a verb read last, for nobody else to look into."""

from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.watch_home import Reads, WatchHome, watch_lock
from pipeline.errors import Locked


def home(device: Path, reads: Reads, program: str = "freqtrain 1", seconds: float = 10.0) -> WatchHome:
    return WatchHome(device, "test", lambda: reads, program, SystemClock(), seconds)


def test_what_the_watch_reads_lies_in_its_home_and_what_went_is_gone(tmp_path: Path) -> None:
    home(tmp_path, Reads({"test.yml": b"old", "gone.yml": b"x"})).prepare()
    spec = home(tmp_path, Reads({"test.yml": b"new", "prod.yml": b"y"}, {"STAKE": "100"})).prepare()
    folder = Path(spec.home) / "environments"
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {"test.yml": b"new", "prod.yml": b"y"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in (folder, *folder.iterdir()))
    assert (spec.environment, spec.device, spec.variables) == ("test", str(tmp_path), (("STAKE", "100"),))


def test_the_specification_changes_with_whatever_it_reads_and_with_nothing_else(tmp_path: Path) -> None:
    reads = Reads({"test.yml": b"a"}, {"STAKE": "1"})
    first = home(tmp_path, reads).prepare()
    assert home(tmp_path, reads).prepare() == first
    others = (
        home(tmp_path, Reads({"test.yml": b"b"}, {"STAKE": "1"})),
        home(tmp_path, Reads({"test.yml": b"a"}, {"STAKE": "2"})),
        home(tmp_path, Reads({"test.yml": b"a", "prod.yml": b""}, {"STAKE": "1"})),
        home(tmp_path, reads, "freqtrain 2"),
        home(tmp_path, reads, seconds=1.0),
    )
    assert len({first, *(other.prepare() for other in others)}) == 6


def test_whoever_watches_is_named_and_a_second_one_refused(tmp_path: Path) -> None:
    watched = home(tmp_path, Reads({}))
    assert watched.watched_by() == ""
    with watch_lock(tmp_path, "test", "anna", SystemClock())("watch"):
        assert watched.watched_by().startswith("watch by anna (process ")
        impatient = watch_lock(tmp_path, "test", "ben", SystemClock())
        with pytest.raises(Locked, match="'test' is watched already: watch by anna"), impatient("watch"):
            pass
    assert watched.watched_by() == ""


def test_the_last_round_is_when_the_memory_was_written_and_the_lease_kept(tmp_path: Path) -> None:
    watched = home(tmp_path, Reads({}))
    assert watched.looked_at() == (None, None)
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "watch.json").touch()
    looked_at, lease_at = watched.looked_at()
    assert looked_at is not None
    assert abs((looked_at - SystemClock().now()).total_seconds()) < 60
    assert lease_at is None
