"""Files that somebody else may have put there."""

import os
from pathlib import Path

import pytest

from pipeline.adapters.bounded import read_bounded


def test_a_plain_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 2048)
    assert read_bounded(tmp_path / "a", 2048) == b"x" * 2048
    with pytest.raises(ValueError, match="is larger than 1 KiB"):
        read_bounded(tmp_path / "a", 2047)


def test_links_pipes_and_folders_are_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "lost").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, complaint in (("link", "symbolic"), ("lost", "symbolic"), ("pipe", "no plain"), ("folder", "no plain")):
        with pytest.raises(ValueError, match=complaint):
            read_bounded(tmp_path / name, 10)
    with pytest.raises(FileNotFoundError):
        read_bounded(tmp_path / "missing", 10)
