"""Zip files that strangers made."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeline.adapters.github.zip_files import files_of
from pipeline.errors import Refused


def zipped(files: dict[str, bytes], mode: int = 0o100644) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr, info.compress_type = 3, mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return made.getvalue()


def test_its_files_come_by_their_paths() -> None:
    made = zipped({"verdict.json": b"{}", "charts/": b"", "charts/a.svg": b"<svg>"})
    assert files_of(made, "it", most_bytes=100) == {"verdict.json": b"{}", "charts/a.svg": b"<svg>"}


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "/etc/passwd",
        "a//b",
        "./x",
        "C:\\x",
        "a\\b",
        "x\x1b[2J",
        "x\n::set-output name=a::b",
        "\u202ex",
        "x|y",
        "..",
    ],
)
def test_a_path_that_no_honest_one_holds_is_refused_and_shown_harmlessly(name: str) -> None:
    with pytest.raises(Refused, match="no honest one") as caught:
        files_of(zipped({name: b"x"}), "it", most_bytes=100)
    assert caught.value.message.isprintable()
    assert "::set-output" not in caught.value.message.split()[0]


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o060644], ids=["link", "pipe", "device"])
def test_only_plain_files_are_taken(mode: int) -> None:
    with pytest.raises(Refused, match="no honest one"):
        files_of(zipped({"x": b"/etc/passwd"}, mode), "it", most_bytes=100)


def test_a_file_without_a_name_is_refused() -> None:
    made = bytearray(zipped({"xy": b"1"}))
    for start in (made.index(b"xy"), made.rindex(b"xy")):
        made[start : start + 2] = b"\0y"  # names end at the first NUL
    with pytest.raises(Refused):
        files_of(bytes(made), "it", most_bytes=100)


def test_two_files_of_one_name_are_refused() -> None:
    made = zipped({"x": b"1", "y": b"2"}).replace(b"y", b"x")
    with pytest.raises(Refused):
        files_of(made, "it", most_bytes=100)


def test_what_unpacks_to_more_than_it_may_is_refused() -> None:
    bomb = zipped({"x": b"0" * 5_000_000})
    assert len(bomb) < 10_000
    with pytest.raises(Refused, match="larger than 1000000 bytes when"):
        files_of(bomb, "it", most_bytes=1_000_000)
    with pytest.raises(Refused, match="larger than 15 bytes when"):
        files_of(zipped({name: b"0123456" for name in "abc"}), "it", most_bytes=15)
    with pytest.raises(Refused, match="holds 101 files"):
        files_of(zipped({str(number): b"" for number in range(101)}), "it", most_bytes=15)


def test_a_size_that_is_a_lie_is_found() -> None:
    made = bytearray(zipped({"x": b"0" * 1000}))
    at = made.index(b"PK\x01\x02") + 24
    made[at : at + 4] = struct.pack("<I", 10)
    with pytest.raises(Refused):
        files_of(bytes(made), "it", most_bytes=100)


@given(some.binary(max_size=300), some.integers(0, 300), some.binary(min_size=1, max_size=4))
def test_whatever_bytes_come_are_files_or_refused(noise: bytes, at: int, change: bytes) -> None:
    spoiled = bytearray(zipped({"a": b"1" * 50, "b/c": b"2"}))
    spoiled[at : at + len(change)] = change
    for content in (noise, bytes(spoiled)):
        try:
            found = files_of(content, "it", most_bytes=100)
        except Refused:
            continue
        assert sum(len(one) for one in found.values()) <= 100
