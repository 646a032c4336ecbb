"""The disk of a home tells what is free, or that it does not."""

from pathlib import Path

import pytest

from pipeline.adapters.home_disk import HomeDisk
from pipeline.errors import ToolFailed


def test_it_tells_what_is_free(tmp_path: Path) -> None:
    found = HomeDisk(tmp_path).space()
    assert 0 < found.free <= found.size


def test_a_home_that_is_not_there_has_no_disk(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="does not tell"):
        HomeDisk(tmp_path / "nowhere").space()
