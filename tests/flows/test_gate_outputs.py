"""What a gate leaves behind."""

import errno
from pathlib import Path

import pytest

from pipeline.adapters.files import write_whole
from pipeline.flows.gate import Gated
from pipeline.flows.gate_outputs import write_outputs

NOTHING = Gated((), {})


def test_the_report_is_named_and_there(tmp_path: Path) -> None:
    page = write_outputs(NOTHING, tmp_path / "out", write_whole, "docs")
    assert page == tmp_path / "out" / "report.html"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"report.html", "summary.md"}


def test_a_full_disk_leaves_no_report_not_even_an_older_one(tmp_path: Path) -> None:
    write_outputs(NOTHING, tmp_path, write_whole, "docs")

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with pytest.raises(OSError, match="No space left"):
        write_outputs(NOTHING, tmp_path, full, "docs")
    assert not (tmp_path / "report.html").exists()
