"""Folders and files that appear whole or not at all."""

import os
from pathlib import Path

import pytest

from pipeline.adapters.folders import replaced_file, set_aside, whole_folder


def test_a_folder_appears_when_it_is_complete(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "deep" / "new") as folder:
        (folder / "a").write_text("1")
        assert not (tmp_path / "deep" / "new").exists()
    assert (tmp_path / "deep" / "new" / "a").read_text() == "1"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["new"]


def test_its_rights_follow_the_umask_which_is_left_alone_because_other_threads_make_files_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o027)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", lambda _: pytest.fail("a file of another thread would be made by this one"))
            with whole_folder(tmp_path / "new"):
                pass
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o750
    finally:
        assert os.umask(before) == 0o027


def fill(folder: Path, then: type[BaseException] | None = None) -> None:
    (folder / "a").write_text("mine")
    if then is not None:
        raise then


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_after_an_error_or_an_interrupt_nothing_is_left(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), whole_folder(tmp_path / "new") as folder:
        fill(folder, error)
    with pytest.raises(FileNotFoundError), replaced_file(tmp_path / "file") as part:
        fill(part)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_or_file_that_came_meanwhile_stays(tmp_path: Path) -> None:
    def meanwhile(ours: Path) -> None:
        fill(ours)
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "a").write_text("theirs")

    with pytest.raises(FileExistsError), whole_folder(tmp_path / "new") as folder:
        meanwhile(folder)
    assert (tmp_path / "new" / "a").read_text() == "theirs"
    (tmp_path / "file").write_text("theirs")
    with pytest.raises(FileExistsError), whole_folder(tmp_path / "file"):
        pass


def test_a_file_is_replaced_when_it_is_complete(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with replaced_file(tmp_path / "file") as part:
        part.write_text("new")
        assert (tmp_path / "file").read_text() == "old"
    assert (tmp_path / "file").read_text() == "new"


def test_what_a_killed_process_left_is_removed_and_what_is_at_work_is_not(tmp_path: Path) -> None:
    for name in (".new.killed.part", ".new.working.part", ".new2.killed.part"):
        (tmp_path / name).mkdir()
    for name in (".new.killed.part", ".new2.killed.part"):
        os.utime(tmp_path / name, (0, 0))
    with whole_folder(tmp_path / "new"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [".new.working.part", ".new2.killed.part", "new"]


def test_setting_a_folder_aside_removes_it_even_if_it_is_gone(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a").write_text("1")
    set_aside(tmp_path / "old")
    set_aside(tmp_path / "old")
    assert list(tmp_path.iterdir()) == []
