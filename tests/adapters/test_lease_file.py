"""The lease: its time of change is its age, and nothing else than a plain file is ever touched."""

import os
import time
from pathlib import Path

import pytest

from pipeline.adapters.lease_file import LeaseFile
from pipeline.errors import ToolFailed


def test_touching_makes_it_young_and_keeps_it_empty(tmp_path: Path) -> None:
    path = tmp_path / "prod" / "lease"
    LeaseFile(path).touch()
    os.utime(path, (0, 0))
    LeaseFile(path).touch()
    assert abs(time.time() - path.stat().st_mtime) < 3600
    assert path.stat().st_size == 0
    assert [file.name for file in path.parent.iterdir()] == ["lease"]


def test_a_link_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    os.utime(elsewhere, (0, 0))
    (tmp_path / "link").symlink_to(elsewhere)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "folder", "pipe"):
        with pytest.raises(ToolFailed, match="cannot be touched"):
            LeaseFile(tmp_path / name).touch()
    assert elsewhere.stat().st_mtime == 0
