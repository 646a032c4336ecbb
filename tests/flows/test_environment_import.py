"""An environment goes on on another device, with its history and its open trades; or everything there stays as it was."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest

from pipeline.adapters import environment_arrival
from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.environment_archive import packed, unpack_archive, write_archive
from pipeline.adapters.environment_arrival import ArrivalsOnDevice
from pipeline.domain.moving import About
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.environment_import import bring_in
from tests.adapters.bot_device import full_disk
from tests.flows.move_ground import BUNDLE, NAME, OPEN, Place
from tests.flows.road_ground import STRATEGY


@pytest.fixture
def left(tmp_path: Path) -> Place:
    """The device that it left."""
    place = Place(tmp_path / "left")
    place.begin()
    return place


@pytest.fixture
def archive(left: Place, tmp_path: Path) -> Path:
    left.export(tmp_path / "sandbox.tar")
    return tmp_path / "sandbox.tar"


@pytest.fixture
def new(tmp_path: Path) -> Place:
    """The device to which it comes."""
    return Place(tmp_path / "new")


def test_it_goes_on_elsewhere_with_its_history_and_its_open_trades(left: Place, archive: Path, new: Place) -> None:
    done = new.bring_in(archive)
    assert (done.environment, done.strategies, done.bundles, done.databases, done.back) == (
        NAME,
        (STRATEGY,),
        1,
        2,
        False,
    )
    before, after = left.entries(), new.entries()
    assert [one.hash for one in after[:-1]] == [one.hash for one in before[:-1]]
    assert (before[-1].kind, after[-1].kind) == ("moved", "arrived")
    assert before[-1].body["archive"] == after[-1].body["archive"] == done.archive
    assert new.open_trades() == OPEN
    assert new.store.get(BUNDLE.digest) == left.store.get(BUNDLE.digest)
    new.device.open_trades[STRATEGY] = new.open_trades()
    assert new.converge() == [BUNDLE.digest]
    assert new.road().seen()[0].says.open_trades == OPEN  # type: ignore[union-attr]
    assert left.converge() == [], "the other one stays down"
    assert (left.device.violations, new.device.violations) == ([], [])


def test_no_secret_travels(left: Place, archive: Path, new: Place) -> None:
    with tarfile.open(archive) as tar:
        assert not [name for name in tar.getnames() if "secret" in name or "bots" in name]
    assert b"a" * 64 not in archive.read_bytes()
    new.bring_in(archive)
    assert b"a" * 64 not in b"".join(new.files().values())


def test_a_doubt_travels_along(archive: Path, new: Place) -> None:
    new.bring_in(archive)
    assert new.database.with_name(f"{new.database.name}.doubt.json").read_text() == '{"pair": "BTC/USDT"}'


def test_what_is_put_in_place_is_for_its_owner_alone(archive: Path, new: Place) -> None:
    new.bring_in(archive)
    for path in new.own.rglob("*"):
        if not path.name.startswith("ledger"):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_secrets_that_were_set_before_stay(archive: Path, new: Place) -> None:
    new.own.mkdir(parents=True)
    (new.own / "secrets.json").write_text("{}")
    (new.own / "databases").mkdir()
    new.own.chmod(0o750)
    new.bring_in(archive)
    assert (new.own / "secrets.json").read_text() == "{}"
    assert stat.S_IMODE(new.own.stat().st_mode) == 0o750


def test_the_same_device_takes_it_back(left: Place, archive: Path) -> None:
    files = left.files()
    assert left.converge() == []
    assert left.bring_in(archive).back
    assert left.entries()[-1].kind == "arrived"
    assert {name: content for name, content in left.files().items() if not name.startswith("ledger")} == {
        name: content for name, content in files.items() if not name.startswith("ledger")
    }
    assert "make sure that the archive was imported nowhere else" in left.device.narrator.lines[-1]
    assert left.converge() == [BUNDLE.digest]
    with pytest.raises(Refused, match="arrived here in this archive before"):
        left.bring_in(archive)


def test_it_comes_back_with_what_happened_elsewhere(left: Place, archive: Path, new: Place, tmp_path: Path) -> None:
    new.bring_in(archive)
    new.converge()
    with closing(sqlite3.connect(new.database)) as database:
        database.execute("INSERT INTO trades (is_open) VALUES (1)")
        database.commit()
    new.export(tmp_path / "back.tar")
    left.keep_secrets("b")
    done = left.bring_in(tmp_path / "back.tar")
    assert (done.back, left.open_trades()) == (False, OPEN + 1)
    assert b"b" * 64 in (left.own / "secrets.json").read_bytes()
    (aside,) = (left.home / "moved").iterdir()
    assert (aside / "ledger.jsonl").exists()
    assert not list(aside.rglob("secret*")), "what is set aside holds no secret"
    assert left.converge() == [BUNDLE.digest]


def test_an_archive_from_before_a_return_is_old(left: Place, archive: Path, new: Place, tmp_path: Path) -> None:
    new.bring_in(archive)
    new.export(tmp_path / "back.tar")
    left.bring_in(tmp_path / "back.tar")
    with pytest.raises(Refused, match="arrived here in this archive before"):
        left.bring_in(archive)


def test_an_environment_that_went_on_is_not_replaced(new: Place, archive: Path) -> None:
    new.begin()
    files = new.files()
    with pytest.raises(Refused, match="'sandbox' is here already, with another history"):
        new.bring_in(archive)
    assert new.files() == files
    assert new.device.entering() == [BUNDLE.digest]


@pytest.mark.parametrize(
    "name", ["databases/dip.live.sqlite", "observations.sqlite", "watch.json", "bots/x/secret.json"]
)
def test_something_of_it_without_a_ledger_is_in_the_way(new: Place, archive: Path, name: str) -> None:
    (new.own / name).parent.mkdir(parents=True, exist_ok=True)
    (new.own / name).write_text("mine")
    files = new.files()
    with pytest.raises(Refused, match=f"there is something of 'sandbox' here already: {name.split('/')[0]}"):
        new.bring_in(archive)
    assert new.files() == files


def test_what_does_not_suit_and_another_digest_are_refused(left: Place, archive: Path, tmp_path: Path) -> None:
    wrong = Place(tmp_path / "wrong", refused=["its mode was live, and the file says dry_run"])
    with pytest.raises(Refused, match="its mode was live"):
        wrong.bring_in(archive)
    digest = str(left.entries()[-1].body["archive"])
    with pytest.raises(Refused, match="has the digest"):
        wrong.bring_in(archive, "sha256:" + "0" * 10)
    assert not wrong.own.exists()
    assert not list(wrong.home.iterdir())
    wrong.refused = ()
    assert wrong.bring_in(archive, digest[7:20]).archive == digest


def _repacked(archive: Path, tmp_path: Path, change: Callable[[Path], None]) -> Path:
    """An archive that is whole, by somebody who changed something in it."""
    folder = tmp_path / "repacked"
    folder.mkdir()
    about = unpack_archive(archive, folder)
    change(folder)
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    files = tuple(packed(path, found[path]) for path in sorted(found))
    out = tmp_path / "repacked.tar"
    write_archive(About(about.environment, about.mode, about.exchange, about.stake_currency, files), found, out)
    return out


def _edit_ledger(folder: Path) -> None:
    file = folder / "ledger.jsonl"
    file.write_bytes(file.read_bytes().replace(b"operator", b"somebody"))


def _cut_ledger(folder: Path) -> None:
    file = folder / "ledger.jsonl"
    file.write_bytes(b"\n".join(file.read_bytes().split(b"\n")[:-2]) + b"\n")


def _damage_database(folder: Path) -> None:
    file = folder / "databases" / f"{STRATEGY}.live.sqlite"
    content = bytearray(file.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    file.write_bytes(content)


def _no_database(folder: Path) -> None:
    (folder / "observations.sqlite").write_bytes(b"no database at all" * 100)


def _other_bundle(folder: Path) -> None:
    (file,) = folder.glob("store/*/bundle.tar")
    file.write_bytes(file.read_bytes()[:-1024] + b"x" * 1024)


def _other_evidence(folder: Path) -> None:
    (file,) = folder.glob("store/*/evidence-*.json")
    file.write_bytes(file.read_bytes().replace(b"1", b"2"))


def _no_evidence(folder: Path) -> None:
    for file in folder.glob("store/*/evidence-*.json"):
        file.unlink()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_edit_ledger, "was edited"),
        (_cut_ledger, "was cut|is not intact"),
        (_damage_database, f"databases/{STRATEGY}.live.sqlite is damaged"),
        (_no_database, "observations.sqlite is damaged"),
        (_other_bundle, "cannot be kept: it has the digest"),
        (_other_evidence, "cannot be kept"),
        (_no_evidence, "cannot be kept"),
    ],
)
def test_what_somebody_changed_is_found_though_the_archive_is_whole(
    archive: Path, new: Place, tmp_path: Path, change: Callable[[Path], None], told: str
) -> None:
    wrong = _repacked(archive, tmp_path, change)
    with pytest.raises(Refused, match=told):
        new.bring_in(wrong)
    assert new.files() == {}
    assert not list(new.home.glob(".import-*"))


def test_a_ledger_that_never_left_is_no_archive(archive: Path, new: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    other.begin()

    def running(folder: Path) -> None:
        for name in ("ledger.jsonl", "ledger.jsonl.head"):
            shutil.copy(other.own / name, folder / name)

    with pytest.raises(Refused, match="does not say that 'sandbox' was about to leave"):
        new.bring_in(_repacked(archive, tmp_path, running))


def test_wherever_it_fails_to_be_put_in_place_nothing_is_there(
    archive: Path, new: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    new.own.mkdir(parents=True)
    (new.own / "secrets.json").write_text("{}")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(environment_arrival, "exchange", fails)
        with pytest.raises(ToolFailed, match="No space left"):
            new.bring_in(archive)
    with full_disk(6000), pytest.raises(ToolFailed):
        new.bring_in(archive)
    assert new.files() == {"secrets.json": b"{}"}
    assert not list(new.home.glob(".import-*"))
    assert new.bring_in(archive).strategies == (STRATEGY,)


def test_a_full_disk_leaves_no_archive_and_the_environment_stays(left: Place, tmp_path: Path) -> None:
    with full_disk(20_000), pytest.raises(ToolFailed, match="could not be packed"):
        left.export(tmp_path / "out.tar")
    assert not list(tmp_path.glob("out.tar*"))
    assert not list(left.own.glob(".export-*"))
    assert left.entries()[-1].kind == "arrived"
    assert left.converge() == [BUNDLE.digest]


def test_a_damaged_database_and_a_lost_bundle_stay(left: Place, tmp_path: Path) -> None:
    good = left.database.read_bytes()
    left.database.write_bytes(good[:4096] + b"\xff" * 4096)
    with pytest.raises((Refused, ToolFailed)):
        left.export(tmp_path / "out.tar")
    left.database.write_bytes(good)
    shutil.move(left.home / "store", left.home / "elsewhere")
    with pytest.raises(Refused, match="not on this device, though it should run"):
        left.export(tmp_path / "out.tar")
    assert not list(tmp_path.glob("out.tar*"))


@pytest.mark.processes
def test_a_database_that_somebody_uses_is_not_packed(left: Place, tmp_path: Path) -> None:
    script = (
        f"import sqlite3, sys; database = sqlite3.connect({str(left.database)!r}); "
        "database.execute('SELECT 1 FROM trades').fetchall(); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        with pytest.raises(Refused, match="is in use"):
            left.export(tmp_path / "out.tar")
        process.stdin.close()
    left.export(tmp_path / "out.tar")


class SomebodyElsesStore(BundleStore):
    """One that this user may only read."""

    def put(self, *_: object) -> NoReturn:
        raise ToolFailed("the bundle could not be stored") from PermissionError(13, "Permission denied")


def test_where_another_user_keeps_the_store_it_is_said_what_to_fetch(archive: Path, new: Place) -> None:
    narrator = new.device.narrator
    theirs = SomebodyElsesStore(new.home / "store")
    arrivals = ArrivalsOnDevice(new.home, theirs, new.device.clock, narrator, "bob")
    bring_in(archive, arrivals, new.suits, narrator, "bob")
    assert f"{BUNDLE.digest} is not kept" in narrator.lines[-1]
    assert new.open_trades() == OPEN


def test_an_archive_that_is_lost_is_packed_again_with_the_same_trades(left: Place, archive: Path, new: Place) -> None:
    archive.unlink()
    with pytest.raises(Refused, match="moved away"):
        left.export(archive)
    left.export(archive, again=True)
    new.bring_in(archive)
    assert (new.open_trades(), new.converge()) == (OPEN, [BUNDLE.digest])


def test_what_killed_callers_left_is_removed(left: Place, new: Place, tmp_path: Path) -> None:
    old, young = new.home / ".import-old", new.home / ".import-young"
    for folder in (old, young, left.own / ".export-old"):
        folder.mkdir(parents=True)
    os.utime(old, (1, 1))
    left.export(tmp_path / "sandbox.tar")
    new.bring_in(tmp_path / "sandbox.tar")
    assert [path.name for path in new.home.glob(".import-*")] == [".import-young"]
    assert not list(left.own.glob(".export-*"))
