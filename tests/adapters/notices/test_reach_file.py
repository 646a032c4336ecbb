"""Three numbers for whoever counts: no words, and readable for those who may read the ledger."""

import json
from pathlib import Path

import pytest

from pipeline.adapters.notices.reach_file import FILE, ReachFile
from pipeline.domain.notices import Reached
from pipeline.errors import ToolFailed


def test_what_was_written_is_read(tmp_path: Path) -> None:
    ReachFile(tmp_path).write(Reached(2, 7, 1))
    assert ReachFile(tmp_path).read() == Reached(2, 7, 1)
    assert json.loads((tmp_path / FILE).read_text()) == {"channels": 2, "undelivered": 7, "failing": 1}


def test_where_nobody_ever_told_nothing_is_known(tmp_path: Path) -> None:
    assert ReachFile(tmp_path).read() is None
    ReachFile(tmp_path).forget()
    ReachFile(tmp_path).write(Reached(1, 0, 0))
    ReachFile(tmp_path).forget()
    assert ReachFile(tmp_path).read() is None


@pytest.mark.parametrize(("folder", "file"), [(0o2750, 0o640), (0o700, 0o600)])
def test_a_group_that_may_read_the_folder_may_read_it_and_nobody_else(tmp_path: Path, folder: int, file: int) -> None:
    tmp_path.chmod(folder)
    ReachFile(tmp_path).write(Reached(1, 0, 0))
    assert (tmp_path / FILE).stat().st_mode & 0o777 == file


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[]", b"7", b"null", b"\xff", b"[" * 4000, b"{}" + b" " * 5000),
        *(b'{"channels": 1, "undelivered": 0}', b'{"channels": 1, "undelivered": 0, "failing": true}'),
        *(b'{"channels": 1, "undelivered": -1, "failing": 0}', b'{"channels": 1, "undelivered": 1e400, "failing": 0}'),
        b'{"channels": "1", "undelivered": 0, "failing": 0}',
    ],
)
def test_what_is_damaged_is_no_number(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ToolFailed, match="is damaged"):
        ReachFile(tmp_path).read()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to("/etc/hostname")
    with pytest.raises(ToolFailed):
        ReachFile(tmp_path).read()
