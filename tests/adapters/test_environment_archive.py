"""An environment's archive: equal for equal files, and nothing in it is believed."""

import hashlib
import os
import stat
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.environment_archive import archive_digest, packed, unpack_archive, write_archive
from pipeline.domain.moving import ABOUT, About
from pipeline.domain.tar import BLOCK, header
from pipeline.errors import Refused, ToolFailed
from tests.adapters.bot_device import full_disk

PATHS = ("databases/dip.dry_run.sqlite", "ledger.jsonl", "ledger.jsonl.head", "observations.sqlite", "watch.json")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """An environment's files; one is empty, one fills its last block, one is larger than a chunk."""
    folder = tmp_path / "environment"
    folder.mkdir()
    contents = (b"x" * (2**20 + 7), b"l" * 512, b"", b"o" * 513, b"{}")
    for number, content in enumerate(contents):
        (folder / str(number)).write_bytes(content)
    return {path: folder / str(number) for number, path in enumerate(PATHS)}


def about(files: dict[str, Path]) -> About:
    return About("test", "dry_run", "binance", "USDT", tuple(packed(path, files[path]) for path in sorted(files)))


@pytest.fixture
def archive(files: dict[str, Path], tmp_path: Path) -> Path:
    write_archive(about(files), files, tmp_path / "test.tar")
    return tmp_path / "test.tar"


def unpacked(archive: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    unpack_archive(archive, folder)
    return folder


def test_what_was_packed_comes_out_and_equal_files_make_equal_archives(
    files: dict[str, Path], archive: Path, tmp_path: Path
) -> None:
    folder = unpacked(archive, tmp_path)
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == {path: file.read_bytes() for path, file in files.items()}
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    for file in files.values():
        os.utime(file, (1, 1))
    digest = write_archive(about(files), files, tmp_path / "again.tar")
    assert digest == archive_digest(archive) == f"sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}"


def test_any_tar_can_list_it(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        assert tar.getnames() == [ABOUT, *PATHS]


def test_a_file_that_changes_while_it_is_packed_is_noticed(files: dict[str, Path], tmp_path: Path) -> None:
    before = about(files)
    files["watch.json"].write_bytes(b"[]")
    with pytest.raises(ValueError, match=r"watch\.json was changed"):
        write_archive(before, files, tmp_path / "test.tar")


def test_an_archive_that_is_there_is_not_replaced(files: dict[str, Path], archive: Path) -> None:
    with pytest.raises(FileExistsError):
        write_archive(about(files), files, archive)


def test_one_that_was_cut_anywhere_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    ends = [*range(0, 3 * BLOCK, 97), len(whole) // 2, *range(len(whole) - 6 * BLOCK, len(whole), 101)]
    for number, end in enumerate(ends):
        archive.write_bytes(whole[:end])
        folder = tmp_path / f"cut-{number}"
        folder.mkdir()
        with pytest.raises(Refused):
            unpack_archive(archive, folder)


def test_a_bit_that_flipped_anywhere_is_noticed(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    for number, place in enumerate([0, 140, 600, 2000, 3000, len(whole) // 2, len(whole) - 1500, len(whole) - 1]):
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        folder = tmp_path / f"flipped-{number}"
        folder.mkdir()
        with pytest.raises(Refused):
            unpack_archive(archive, folder)


def entry(path: str, content: bytes) -> bytes:
    return header(path, len(content)) + content + b"\0" * (-len(content) % BLOCK)


def hostile(files: dict[str, Path], change: Callable[[tarfile.TarInfo], None]) -> bytes:
    """An archive whose entry for the ledger was changed by somebody who can write tar files."""
    made = entry(ABOUT, about(files).text())
    for path in sorted(files):
        content = files[path].read_bytes()
        info = tarfile.TarInfo(path)
        info.size = len(content)
        if path == "ledger.jsonl":
            change(info)
            made += info.tobuf(tarfile.USTAR_FORMAT) + content
        else:
            made += entry(path, content)
    return made + b"\0" * 1024


def renamed(name: str) -> Callable[[tarfile.TarInfo], None]:
    return lambda info: setattr(info, "name", name)


def linked(kind: bytes) -> Callable[[tarfile.TarInfo], None]:
    def change(info: tarfile.TarInfo) -> None:
        info.type, info.linkname, info.size = kind, "/etc/passwd", 0

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (renamed("../ledger.jsonl"), "no path within a folder"),
        (renamed("/etc/cron.d/x"), "no path within a folder"),
        (renamed("secrets.json"), "secrets.json"),
        (linked(tarfile.SYMTYPE), "a symbolic link"),
        (linked(tarfile.LNKTYPE), "a hard link"),
        (linked(tarfile.CHRTYPE), "a device"),
        (linked(tarfile.FIFOTYPE), "a pipe"),
        (linked(tarfile.DIRTYPE), "a folder"),
        (linked(tarfile.GNUTYPE_SPARSE), "no plain file"),
    ],
)
def test_what_does_not_belong_there_is_refused_by_name(
    files: dict[str, Path], tmp_path: Path, change: Callable[[tarfile.TarInfo], None], told: str
) -> None:
    archive, folder = tmp_path / "hostile.tar", tmp_path / "inner" / "unpacked"
    archive.write_bytes(hostile(files, change))
    folder.mkdir(parents=True)
    with pytest.raises(Refused, match=told):
        unpack_archive(archive, folder)
    assert not (tmp_path / "inner" / "ledger.jsonl").exists()
    assert not any(path.is_symlink() for path in folder.rglob("*"))


def test_a_description_that_promises_more_than_there_may_be_is_refused_before_anything_is_written(
    files: dict[str, Path], tmp_path: Path
) -> None:
    good, archive, folder = about(files), tmp_path / "bomb.tar", tmp_path / "unpacked"
    folder.mkdir()
    for wrong in (
        replace(good, files=(replace(good.files[0], size=2**33), *good.files[1:])),
        replace(good, format=99),
        replace(good, environment="../../prod"),
        replace(good, files=(replace(good.files[0], path="../evil"), *good.files[1:])),
    ):
        archive.write_bytes(entry(ABOUT, wrong.text()))
        with pytest.raises(Refused, match="cannot be imported"):
            unpack_archive(archive, folder)
    archive.write_bytes(header(ABOUT, 2**33 - 1))
    with pytest.raises(Refused, match="no archive of an environment"):
        unpack_archive(archive, folder)
    for text in (
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        good.text()[:-1],
        good.text().replace(b'"format":1', b'"format":"1"'),
    ):
        archive.write_bytes(entry(ABOUT, text))
        with pytest.raises(Refused, match="does not say what it holds"):
            unpack_archive(archive, folder)
    assert list(folder.iterdir()) == []


def test_another_tar_and_no_tar_are_refused(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "unpacked"
    folder.mkdir()
    for content in (b"", b"PK\x03\x04" + b"\0" * 600, entry("ledger.jsonl", b"x"), b"\0" * 1024):
        file.write_bytes(content)
        with pytest.raises(Refused):
            unpack_archive(file, folder)
    with pytest.raises(ToolFailed, match="missing"):
        archive_digest(tmp_path / "missing")


def test_something_behind_the_end_is_refused(archive: Path, tmp_path: Path) -> None:
    archive.write_bytes(archive.read_bytes() + b"\0" * 512)
    with pytest.raises(Refused, match="does not stop"):
        unpacked(archive, tmp_path)


def test_a_full_disk_is_told(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    with full_disk(2**19), pytest.raises(ToolFailed, match=r"File too large"):
        unpack_archive(archive, folder)
