"""A packed incident is read to its end and never believed: what is hostile, damaged or too large is refused with what is wrong with it."""

import gzip
import hashlib
import io
import json
import re
import stat
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.adapters.environment_archive import packed
from pipeline.adapters.incident_archive import read_incident, write_incident
from pipeline.adapters.incident_cases import read_case, unpack_incident
from pipeline.domain.canonical import canonical
from pipeline.domain.incident import INDEX, LARGEST_TOTAL, Index, LedgerNamed, Searched, allowed, fits, safe_name
from pipeline.domain.moving import PackedFile
from pipeline.domain.tar import BLOCK, END, header
from pipeline.errors import Refused, ToolFailed, UsageError
from tests.adapters.bot_device import full_disk

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FILES = {"ledger.jsonl": b"", "ledger.jsonl.head": b"", "logs/x.log": b"l" * 1500, "watch.json": b"{}"}


def index_of(files: dict[str, bytes]) -> Index:
    told = tuple(PackedFile(path, len(text), hashlib.sha256(text).hexdigest()) for path, text in sorted(files.items()))
    return Index("test", AT, AT, LedgerNamed(0, ""), Searched(3, 0, 0), {"python": "3.11"}, (), told)


def tar_of(index: bytes | Index, files: dict[str, bytes]) -> bytes:
    """As `write_incident` would write it, of whatever is given."""
    text = index.text() if isinstance(index, Index) else index
    parts = [header(INDEX, len(text)), text, b"\0" * (-len(text) % BLOCK)]
    for path, content in files.items():
        parts += [header(path, len(content)), content, b"\0" * (-len(content) % BLOCK)]
    return b"".join([*parts, END])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    for number, content in enumerate(FILES.values()):
        (tmp_path / str(number)).write_bytes(content)
    sources = {path: tmp_path / str(number) for number, path in enumerate(FILES)}
    index = replace(index_of(FILES), files=tuple(packed(path, sources[path]) for path in sorted(sources)))
    write_incident(index, sources, tmp_path / "case.tar.gz")
    return tmp_path / "case.tar.gz"


def nothing(_: PackedFile) -> None:
    return None


def refused(tmp_path: Path, content: bytes) -> str:
    file = tmp_path / "hostile.tar.gz"
    file.write_bytes(content)
    with pytest.raises(Refused) as error:
        read_incident(file, nothing)
    with pytest.raises(Refused):
        unpack_incident(file, tmp_path / "unpacked", lambda _: True)
    assert not (tmp_path / "unpacked").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]
    return error.value.message


def test_what_was_packed_comes_out_and_any_tar_can_list_it(archive: Path) -> None:
    found = {path: io.BytesIO() for path in FILES}
    assert read_incident(archive, lambda file: found[file.path]) == index_of(FILES)
    assert {path: text.getvalue() for path, text in found.items()} == FILES
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with tarfile.open(archive) as tar:
        assert tar.getnames() == [INDEX, *FILES]


def test_what_is_written_twice_is_the_same(archive: Path, tmp_path: Path) -> None:
    sources = {path: tmp_path / str(number) for number, path in enumerate(FILES)}
    digest = write_incident(index_of(FILES), sources, tmp_path / "again.tar.gz")
    assert (tmp_path / "again.tar.gz").read_bytes() == archive.read_bytes()
    assert digest == f"sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}"


def test_a_file_that_changes_while_it_is_packed_leaves_no_archive(archive: Path, tmp_path: Path) -> None:
    sources = {path: tmp_path / str(number) for number, path in enumerate(FILES)}
    (tmp_path / "2").write_bytes(b"x" * 1500)
    with pytest.raises(ValueError, match=r"logs/x\.log was changed"):
        write_incident(index_of(FILES), sources, tmp_path / "again.tar.gz")
    assert not (tmp_path / "again.tar.gz").exists()
    assert not list(tmp_path.glob(".*"))


def test_an_interrupt_while_it_is_written_leaves_nothing(tmp_path: Path) -> None:
    class Interrupting(dict[str, Path]):
        def __missing__(self, path: str) -> Path:
            if path == "logs/x.log":
                raise KeyboardInterrupt
            (tmp_path / "empty").touch()
            return tmp_path / "empty"

    with pytest.raises(KeyboardInterrupt):
        write_incident(index_of(FILES), Interrupting(), tmp_path / "case.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_one_that_was_cut_anywhere_is_refused(archive: Path, tmp_path: Path) -> None:
    content = archive.read_bytes()
    for length in range(0, len(content), 7):
        assert refused(tmp_path, content[:length])


def test_one_byte_that_differs_is_noticed(archive: Path, tmp_path: Path) -> None:
    plain = gzip.decompress(archive.read_bytes())
    for place in range(0, len(plain), 97):
        changed = plain[:place] + bytes([plain[place] ^ 1]) + plain[place + 1 :]
        assert refused(tmp_path, gzip.compress(changed)), place


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "/etc/passwd", "logs/../../x", "logs/..", "other.txt", "logs/a/b", "bots/x/secret.json"],
)
def test_a_path_that_leads_elsewhere_is_no_part_of_an_incident(tmp_path: Path, path: str) -> None:
    files = {**FILES, path: b"evil"}
    index = index_of(files)
    content = b"".join([header(INDEX, len(index.text())), index.text(), b"\0" * (-len(index.text()) % BLOCK), END])
    assert path in refused(tmp_path, gzip.compress(content))
    assert not allowed(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_links_devices_and_folders_are_refused(tmp_path: Path, kind: bytes) -> None:
    index = index_of(FILES).text()
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", format=tarfile.USTAR_FORMAT) as tar:
        first = tarfile.TarInfo("ledger.jsonl")
        first.type, first.linkname = kind, "/etc/passwd"
        tar.addfile(first)
    assert refused(tmp_path, stream.getvalue())
    inside = tarfile.TarInfo("ledger.jsonl")
    inside.type, inside.linkname, inside.mode = kind, "/etc/passwd", 0o644
    block = inside.tobuf(tarfile.USTAR_FORMAT)
    content = header(INDEX, len(index)) + index + b"\0" * (-len(index) % BLOCK) + block + END
    assert "ledger.jsonl" in refused(tmp_path, gzip.compress(content))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zlib.compressobj(9, wbits=31)
    zeros = b"\0" * (1 << 20)
    content = b"".join(
        [
            bomb.compress(header(INDEX, 900 << 20)),
            *(bomb.compress(zeros) for _ in range(64)),
            bomb.flush(),
        ]
    )
    assert "is no packed incident" in refused(tmp_path, content)


def test_files_that_say_they_are_huge_are_refused(tmp_path: Path) -> None:
    index = index_of(FILES)
    huge = replace(index, files=tuple(replace(file, size=LARGEST_TOTAL) for file in index.files))
    assert "4 GiB" in refused(tmp_path, gzip.compress(tar_of(huge, {})))
    ledger = replace(index, files=(replace(index.files[0], size=300 << 20), *index.files[1:]))
    assert "its ledger takes more than 256 MiB" in refused(tmp_path, gzip.compress(tar_of(ledger, {})))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda content: content + b"x", "damaged or cut short|stop where"),
        (lambda content: content + gzip.compress(b"more"), "stop where"),
        (lambda _: b"", "no packed incident|cut short"),
        (lambda _: b"PK\x03\x04", "no packed incident"),
        (lambda _: gzip.compress(b"text"), "cut short"),
    ],
)
def test_what_stands_behind_it_and_what_is_none_is_refused(
    archive: Path, tmp_path: Path, change: Callable[[bytes], bytes], told: str
) -> None:
    assert re.search(told, refused(tmp_path, change(archive.read_bytes())))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({**FILES, "watch.json": b"[]"}, "does not have the digest"),
        ({"ledger.jsonl.head": b"", **FILES}, "where 'ledger.jsonl'"),
        ({path: text for path, text in FILES.items() if path != "watch.json"}, "ends before everything"),
        ({**FILES, "zoo.json": b""}, "does not stop where its files end"),
    ],
)
def test_files_that_are_not_those_of_the_index_are_refused(tmp_path: Path, files: dict[str, bytes], told: str) -> None:
    assert told in refused(tmp_path, gzip.compress(tar_of(index_of(FILES), files)))


@pytest.mark.parametrize(
    "change",
    [
        {"format": 3},
        {"environment": "../x"},
        {"files": []},
        {"more": 1},
        {"made_at": "yesterday"},
        {"left_out": "nothing"},
    ],
)
def test_an_index_that_is_not_as_it_must_be_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    told = {**json.loads(index_of(FILES).text()), **change}
    assert refused(tmp_path, gzip.compress(tar_of(canonical(told) + b"\n", FILES)))


def test_an_index_in_another_order_is_refused(tmp_path: Path) -> None:
    index = index_of(FILES)
    assert "out of order" in refused(
        tmp_path, gzip.compress(tar_of(replace(index, files=tuple(reversed(index.files))), FILES))
    )
    twice = replace(index, files=(index.files[0], *index.files))
    assert "comes twice" in refused(tmp_path, gzip.compress(tar_of(twice, FILES)))


def test_a_bundle_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    files = dict(sorted({**FILES, f"bundles/{'0' * 64}/bundle.tar": b"code"}.items()))
    assert "which is not the bundle" in refused(tmp_path, gzip.compress(tar_of(index_of(files), files)))


def test_unpacking_writes_what_is_wanted_into_a_folder_that_was_not_there(archive: Path, tmp_path: Path) -> None:
    unpack_incident(archive, tmp_path / "case", lambda path: path.startswith("ledger"))
    assert {path.name for path in (tmp_path / "case").iterdir()} == {"index.json", "ledger.jsonl", "ledger.jsonl.head"}
    with pytest.raises(UsageError):
        unpack_incident(archive, tmp_path / "case", lambda _: True)


def test_a_full_disk_leaves_no_folder(archive: Path, tmp_path: Path) -> None:
    with full_disk(1000), pytest.raises(ToolFailed):
        unpack_incident(archive, tmp_path / "case", lambda _: True)
    assert not (tmp_path / "case").exists()
    assert not list(tmp_path.glob(".case*"))


def test_where_there_is_no_case_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_case(tmp_path / "nowhere.tar.gz")
    with pytest.raises(UsageError):
        read_case(tmp_path)


def test_what_matters_most_is_chosen_first_and_smaller_parts_may_follow() -> None:
    chosen, left = fits([("a", 60), ("b", 50), ("c", 40)], 100)
    assert chosen == {"a", "c"}
    assert [one.what for one in left] == ["b"]


def test_names_of_files_become_names_of_parts() -> None:
    assert [safe_name(name) for name in ("a b/c", "..x", "", "ok.log.1")] == ["a-b-c", "x", "unnamed", "ok.log.1"]
    assert all(allowed(f"logs/{safe_name(name)}") for name in ("a b/c", "..x", "", "x" * 300))


def test_an_archive_of_the_format_before_is_read_and_has_nothing_to_compute_from(tmp_path: Path) -> None:
    file = tmp_path / "earlier.tar.gz"
    file.write_bytes(gzip.compress(tar_of(replace(index_of(FILES), format=1), FILES)))
    found, index = read_case(file)
    assert (index.format if index else 0, found.material) == (1, None)


@pytest.mark.parametrize("content", [b"{}", b"[", b"\xff", b"[" * 5000])
def test_what_is_to_be_computed_from_and_is_nonsense_is_refused(tmp_path: Path, content: bytes) -> None:
    file, files = tmp_path / "nonsense.tar.gz", {**FILES, "replay.json": content}
    files = dict(sorted(files.items()))
    file.write_bytes(gzip.compress(tar_of(index_of(files), files)))
    with pytest.raises(Refused, match=r"cannot be read: replay\.json"):
        read_case(file)
