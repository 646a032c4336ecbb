"""A data set as one file, and archives that want something else."""

import io
import tarfile
from pathlib import Path

import pytest

from pipeline.adapters.archive import pack, unpack
from pipeline.errors import Refused, ToolFailed
from pipeline.wiring.data import data_sets
from tests.small_sets import small_set


def entry(name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 0) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, link, size
    return made


def archive(path: Path, *entries: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w") as tar:
        for one in entries:
            tar.addfile(one, io.BytesIO(b"x" * one.size) if one.isreg() else None)
    return path


def test_a_set_comes_out_as_it_went_in(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    (dataset.root / "diary.txt").write_text("private")
    pack(dataset, tmp_path / "a.tar")
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "a.tar", tmp_path / "out")
    assert data_sets().open(tmp_path / "out").manifest == dataset.manifest
    assert data_sets().verify(data_sets().open(tmp_path / "out")) == ()
    assert not (tmp_path / "out" / "diary.txt").exists()


def test_the_archive_does_not_depend_on_times_or_owners(tmp_path: Path) -> None:
    dataset = small_set(tmp_path / "set")
    pack(dataset, tmp_path / "a.tar")
    (dataset.root / "markets.json").touch()
    (dataset.root / "markets.json").chmod(0o600)
    pack(dataset, tmp_path / "b.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


@pytest.mark.parametrize(
    "bad",
    [
        entry("../manifest.yml"),
        entry("/etc/manifest.yml"),
        entry("sub/BTC_USDT-1h.feather"),
        entry("strategy.py"),
        entry("BTC_USDT-1h.feather", kind=tarfile.SYMTYPE, link="/etc/passwd"),
        entry("manifest.yml", kind=tarfile.LNKTYPE, link="../secret"),
        entry("BTC_USDT-1h.feather", kind=tarfile.DIRTYPE),
        entry("BTC_USDT-1h.feather", kind=tarfile.FIFOTYPE),
        entry("BTC_USDT-1h.feather\n.py"),
    ],
    ids=lambda one: f"{one.name!r} {one.type!r}",
)
def test_an_entry_that_does_not_belong_into_a_set_is_refused_before_it_is_written(
    tmp_path: Path, bad: tarfile.TarInfo
) -> None:
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    with pytest.raises(Refused, match="nothing was kept"):
        unpack(archive(tmp_path / "bad.tar", bad), out)
    assert list(out.iterdir()) == []
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["bad.tar", "deep", "out"]


def test_a_file_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="twice"):
        unpack(archive(tmp_path / "bad.tar", entry("manifest.yml", size=3), entry("manifest.yml", size=3)), tmp_path)


def test_an_archive_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.archive.LARGEST_BYTES", 1000)
    with pytest.raises(Refused, match="too large"):
        unpack(archive(tmp_path / "bad.tar", entry("manifest.yml", size=2000)), tmp_path)


@pytest.mark.parametrize("cut", [0, 100, 700, 3000])
def test_a_truncated_archive_is_no_archive(tmp_path: Path, cut: int) -> None:
    pack(small_set(tmp_path / "set"), tmp_path / "a.tar")
    (tmp_path / "cut.tar").write_bytes((tmp_path / "a.tar").read_bytes()[:cut])
    (tmp_path / "out").mkdir()
    with pytest.raises(ToolFailed, match="no whole archive"):
        unpack(tmp_path / "cut.tar", tmp_path / "out")
