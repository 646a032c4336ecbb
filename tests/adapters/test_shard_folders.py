"""What shards leave is data of strangers."""

from pathlib import Path

import pytest

from pipeline.adapters import shard_folders
from pipeline.adapters.shard_folders import read_shards
from pipeline.domain.joining import Delivered
from pipeline.errors import Refused
from tests.bundle_samples import candidate, evidence_text

WHOLE = evidence_text(candidate("alpha"))


def put(folder: Path, part: str, strategy: str, content: bytes = WHOLE) -> Path:
    path = folder / part / strategy / "evidence.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def only(folder: Path) -> Delivered:
    (one,) = read_shards(folder)
    return one


def test_evidence_is_found_in_every_shard_and_what_lies_beside_it_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "gate-1", "alpha")
    put(tmp_path, "gate-2", "beta", evidence_text(candidate("beta")))
    (tmp_path / "gate-1" / "report.html").write_text("<html>")
    (tmp_path / "gate-1" / "summary.md").write_text("# fine")
    first, second = read_shards(tmp_path)
    assert (first.place, first.strategy, first.problem) == ("gate-1/alpha/evidence.json", "alpha", "")
    assert first.record is not None
    assert first.record.provenance.strategy == "alpha"
    assert second.place == "gate-2/beta/evidence.json"


def test_where_nothing_was_downloaded_nothing_was_delivered(tmp_path: Path) -> None:
    assert read_shards(tmp_path / "nothing") == ()
    assert read_shards(tmp_path) == ()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (WHOLE[: len(WHOLE) // 2], "is no evidence"),
        (b"", "is no evidence"),
        (b"[" * 100_000, "is no evidence"),
        (b"{}", "is no evidence of this version"),
        (WHOLE.replace(b'"outcome": "PASS"', b'"outcome": "FAIL"', 1), "does not have the digest that it carries"),
        (b'{"outcome": 1, "outcome": 2}', "a key stands twice"),
        (b"\xff\xfe", "is no evidence"),
    ],
)
def test_a_torn_or_forged_file_comes_with_what_is_wrong(tmp_path: Path, content: bytes, problem: str) -> None:
    put(tmp_path, "gate-1", "alpha", content)
    assert only(tmp_path).record is None
    assert problem in only(tmp_path).problem


def test_a_huge_file_is_never_read_whole(tmp_path: Path) -> None:
    with put(tmp_path, "gate-1", "alpha").open("r+b") as file:
        file.truncate(2**40)
    assert only(tmp_path).problem == "is larger than 8192 KiB"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    put(tmp_path, "gate-1", "alpha").unlink()
    assert only(tmp_path).problem == "cannot be read: No such file or directory"


def test_links_are_not_followed_on_any_level(tmp_path: Path) -> None:
    secret = put(tmp_path / "elsewhere", "gate-1", "alpha")
    shards = tmp_path / "shards"
    (shards / "gate-1" / "alpha").mkdir(parents=True)
    (shards / "gate-1" / "alpha" / "evidence.json").symlink_to(secret)
    (shards / "gate-1" / "beta").symlink_to(secret.parent)
    (shards / "gate-2").symlink_to(secret.parent.parent)
    found = read_shards(shards)
    assert [one.record for one in found] == [None, None, None]
    assert [one.problem for one in found] == ["is a symbolic link", *["is no folder of a strategy"] * 2]


@pytest.mark.parametrize("name", ["..x", "Alpha", "::error::x", "a b", "a" * 65, "<b>", "1st"])
def test_a_folder_that_is_no_strategys_belongs_to_none(tmp_path: Path, name: str) -> None:
    put(tmp_path, "gate-1", name)
    assert only(tmp_path).strategy == ""
    assert only(tmp_path).problem == "is no folder of a strategy"


def test_more_than_any_gate_leaves_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(257):
        (tmp_path / "many" / f"gate-{number}").mkdir(parents=True)
    with pytest.raises(Refused, match="more than 256 shards"):
        read_shards(tmp_path / "many")
    monkeypatch.setattr(shard_folders, "MOST_ENTRIES", 3)
    for number in range(4):
        put(tmp_path / "wide", "gate-1", f"s{number}", b"{}")
    with pytest.raises(Refused, match="more than any gate leaves"):
        read_shards(tmp_path / "wide")
    monkeypatch.setattr(shard_folders, "MOST_BYTES", len(WHOLE))
    put(tmp_path / "heavy", "gate-1", "alpha")
    put(tmp_path / "heavy", "gate-2", "alpha")
    with pytest.raises(Refused, match="more than any gate leaves"):
        read_shards(tmp_path / "heavy")
