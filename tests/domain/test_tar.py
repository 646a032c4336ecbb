"""One archive for one set of files, which every tar reads; and nothing else is accepted."""

import gzip
import io
import tarfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.tar import BLOCK, pack, unpack

FILES = {"b/deep/file.py": b"x = 1\n", "a.py": b"", "c": b"y" * 1025}
paths = st.lists(st.from_regex(r"[a-zéß_][a-z0-9_.]{0,20}", fullmatch=True), min_size=1, max_size=4).map("/".join)
contents = st.dictionaries(paths, st.binary(max_size=1500), max_size=6)


@given(contents)
def test_what_is_packed_comes_out_again(files: dict[str, bytes]) -> None:
    assert unpack(pack(files)) == files


@given(contents, st.randoms())
def test_the_order_in_which_files_are_given_does_not_matter(files: dict[str, bytes], random: object) -> None:
    shuffled = list(files.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert pack(dict(shuffled)) == pack(files)


@given(contents)
def test_any_tar_reads_it(files: dict[str, bytes]) -> None:
    with tarfile.open(fileobj=io.BytesIO(pack(files))) as tar:
        found = {entry.name: (tar.extractfile(entry) or io.BytesIO()).read() for entry in tar}
        assert all(entry.isreg() and entry.mode == 0o644 and not entry.mtime and not entry.uid for entry in tar)
    assert found == files


def test_a_long_path_is_split_as_tar_does_it_and_one_that_cannot_be_is_refused() -> None:
    path = "/".join(["package"] * 20) + "/module.py"
    with tarfile.open(fileobj=io.BytesIO(pack({path: b"x"}))) as tar:
        assert tar.getnames() == [path]
    assert unpack(pack({path: b"x"})) == {path: b"x"}
    with pytest.raises(ValueError, match="too long"):
        pack({"x" * 101: b""})


@given(st.integers(min_value=0, max_value=len(pack(FILES)) - 1), st.integers(min_value=1, max_value=255))
def test_no_byte_of_an_archive_can_be_changed_but_those_of_its_files(at: int, by: int) -> None:
    archive = bytearray(pack(FILES))
    archive[at] ^= by
    try:
        found = unpack(bytes(archive))
    except ValueError:
        return
    assert found != FILES
    assert pack(found) == archive


@given(st.integers(min_value=0, max_value=len(pack(FILES)) - 1))
def test_an_archive_that_was_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=r"cut short|does not stop|is no tar"):
        unpack(pack(FILES)[:length])


def written(*entries: tarfile.TarInfo, format: int = tarfile.USTAR_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format) as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(b"x" * entry.size) if entry.isreg() else None)
    return stream.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = kind
    for field, value in fields.items():
        setattr(made, field, value)
    return made


@pytest.mark.parametrize(
    ("one", "complaint"),
    [
        (entry("a.py", tarfile.SYMTYPE, linkname="/etc/passwd"), "a symbolic link"),
        (entry("a.py", tarfile.LNKTYPE, linkname="../secret"), "a hard link"),
        (entry("a", tarfile.DIRTYPE), "a folder"),
        (entry("a", tarfile.FIFOTYPE), "a pipe"),
        (entry("a", tarfile.CHRTYPE), "a device"),
        (entry("a", tarfile.BLKTYPE), "a device"),
        (entry("a", tarfile.CONTTYPE, size=4), "no plain file"),
        (entry("a", tarfile.GNUTYPE_SPARSE, size=4), "no plain file"),
        (entry("../a.py"), "no path within a folder"),
        (entry("a/../../b.py"), "no path within a folder"),
        (entry("/etc/cron.d/a"), "no path within a folder"),
        (entry("a//b"), "no path within a folder"),
        (entry("./a"), "no path within a folder"),
        (entry("a\\b"), "no path within a folder"),
        (entry("a\x1b[2J"), "no path within a folder"),
        (entry("a.py", mode=0o4755), "header"),
        (entry("a.py", mtime=1), "header"),
        (entry("a.py", uname="root"), "header"),
    ],
    ids=lambda value: f"{value.name!r} {value.type!r}" if isinstance(value, tarfile.TarInfo) else "",
)
def test_what_is_no_plain_file_or_leads_elsewhere_is_refused(one: tarfile.TarInfo, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        unpack(written(one))


def test_a_path_that_leads_out_is_not_packed_either() -> None:
    with pytest.raises(ValueError, match="no path within a folder"):
        pack({"../a": b""})


def _claims(size: bytes) -> bytes:
    """An archive whose header claims another size, with the checksum made to fit."""
    header = bytearray(pack({"a": b""})[:BLOCK])
    header[124:136] = size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + b"\0" * (2 * BLOCK)


@pytest.mark.parametrize(
    ("archive", "complaint"),
    [
        (b"", "cut short"),
        (b"hello", "cut short"),
        (gzip.compress(pack(FILES)) + b"\1" * BLOCK, "is no tar archive"),
        (pack(FILES) + b"\0" * BLOCK, "does not stop"),
        (pack(FILES) + b"more", "does not stop"),
        (pack({"a": b"1"})[:-1024] + pack({"a": b"2"}), "twice"),
        (pack({"b": b"1"})[:-1024] + pack({"a": b"2"}), "out of order"),
        (_claims(b"77777777777\0"), "cut short"),
        (_claims(b"-0000000001\0"), "header"),
        (_claims(b"\x80" + b"\xff" * 11), "is no tar archive"),
    ],
    ids=[
        "empty",
        "text",
        "compressed",
        "padded",
        "more behind",
        "twice",
        "out of order",
        "8 GiB",
        "negative",
        "base 256",
    ],
)
def test_an_archive_that_lies_about_itself_is_refused(archive: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        unpack(archive)


@pytest.mark.parametrize(
    "make",
    [
        lambda: written(entry("a" * 120, size=3), format=tarfile.GNU_FORMAT),
        lambda: written(entry("ä" * 60, size=3), format=tarfile.PAX_FORMAT),
    ],
)
def test_other_dialects_of_tar_are_refused(make: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match=r"no plain file|header"):
        unpack(make())
