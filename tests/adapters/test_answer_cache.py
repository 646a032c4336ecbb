"""Remembered answers are the same bytes or none."""

import errno
from pathlib import Path

import pytest

from pipeline.adapters import answer_cache
from pipeline.adapters.answer_cache import AnswerCache

ONE = "sha256:" + "1" * 64
TWO = "sha256:" + "2" * 64


def test_an_answer_comes_back_as_it_was(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(ONE, b'{"a": 1}\n\n')
    assert cache.get(ONE) == b'{"a": 1}\n\n'
    assert cache.get(TWO) is None


@pytest.mark.parametrize("damage", [b"", b"x", b"sha256:0 0\n{}"])
def test_a_damaged_entry_is_dropped(tmp_path: Path, damage: bytes) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(ONE, b"answer")
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert cache.get(ONE) is None
    assert not file.exists()


def test_a_flipped_bit_or_a_cut_tail_is_damage(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    for broken in (lambda b: b[:-1], lambda b: b[:-1] + bytes([b[-1] ^ 1])):
        cache.put(ONE, b"answer")
        (file,) = tmp_path.iterdir()
        file.write_bytes(broken(file.read_bytes()))
        assert cache.get(ONE) is None


def test_an_entry_under_another_name_is_damage(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path)
    cache.put(ONE, b"answer")
    (file,) = tmp_path.iterdir()
    file.rename(tmp_path / f"{TWO.removeprefix('sha256:')}.answer")
    assert cache.get(TWO) is None


def test_a_full_disk_loses_the_entry_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(answer_cache, "write_whole", full)
    AnswerCache(tmp_path).put(ONE, b"answer")
    assert AnswerCache(tmp_path).get(ONE) is None


def test_the_longest_unused_entries_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_cache, "KEPT", 2)
    cache = AnswerCache(tmp_path)
    for digit in "345":
        cache.put("sha256:" + digit * 64, b"answer")
    assert len(list(tmp_path.iterdir())) == 2
