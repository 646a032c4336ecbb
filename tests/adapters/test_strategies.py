"""Strategies' folders on disk."""

import errno
import os
from pathlib import Path

import pytest

from pipeline.adapters.strategies import MOST_BYTES, MOST_FILES, find, is_id, load_files
from pipeline.errors import ConfigError, ExitCode, Refused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sample"
    made.mkdir()
    for name in ("strategy.py", "strategy.yml", "test_strategy.py"):
        (made / name).write_text(f"# {name}\n")
    return made


def _problems(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(ConfigError) as raised:
        load_files(folder)
    assert raised.value.code is ExitCode.REFUSED
    assert raised.value.hint
    return [(Path(problem.path).name, problem.message) for problem in raised.value.problems]


def test_ids_are_found_in_order(tmp_path: Path):
    for name in ("zeta", "alpha", "Odd Name", ".hidden", "__pycache__"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.md").write_text("")
    assert find(tmp_path) == ("Odd Name", "alpha", "zeta")
    assert [is_id(name) for name in find(tmp_path)] == [False, True, True]


def test_a_folder_of_strategies_that_is_missing_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match="No such file"):
        find(tmp_path / "none")


def test_all_files_are_read_as_bytes_in_order(folder: Path):
    (folder / "sample_lib").mkdir()
    (folder / "sample_lib" / "__init__.py").write_bytes(b"\xff\0")
    (folder / "README.md").write_text("")
    assert list(load_files(folder)) == [
        "README.md",
        "sample_lib/__init__.py",
        "strategy.py",
        "strategy.yml",
        "test_strategy.py",
    ]
    assert load_files(folder)["sample_lib/__init__.py"] == b"\xff\0"


def test_hidden_files_are_read_too(folder: Path):
    (folder / ".env").write_text("x")
    assert ".env" in load_files(folder)


def test_byte_code_is_left_out(folder: Path):
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "strategy.cpython-311.pyc").write_bytes(b"x")
    assert len(load_files(folder)) == 3


def test_a_folder_that_is_missing_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match="is not a folder"):
        load_files(tmp_path / "none")


def test_symbolic_links_are_refused_all_at_once(folder: Path, tmp_path: Path):
    (tmp_path / "secret").write_text("secret")
    (folder / "strategy.json").symlink_to(tmp_path / "secret")
    (folder / "sample_lib").symlink_to(tmp_path)
    (folder / "__pycache__").symlink_to(tmp_path)
    told = "is a symbolic link: put the file itself here"
    assert _problems(folder) == [("__pycache__", told), ("sample_lib", told), ("strategy.json", told)]


def test_a_strategy_that_is_itself_a_link_is_refused(folder: Path, tmp_path: Path):
    (tmp_path / "linked").symlink_to(folder)
    assert _problems(tmp_path / "linked") == [("linked", "a strategy's folder must not be a symbolic link")]


def test_pipes_are_refused_and_not_waited_for(folder: Path):
    os.mkfifo(folder / "strategy.json")
    assert _problems(folder) == [("strategy.json", "is no plain file")]


def test_what_is_enormous_is_not_read(folder: Path):
    with (folder / "strategy.json").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert _problems(folder) == [("strategy.json", f"is larger than {MOST_BYTES // 1024} KiB")]


def test_very_many_files_are_refused(folder: Path):
    for number in range(MOST_FILES):
        (folder / f"f{number}").write_text("")
    assert _problems(folder) == [("sample", f"holds more than {MOST_FILES} files")]


def test_a_deep_nest_of_folders_is_refused(folder: Path):
    deep = folder
    for _ in range(40):
        deep = deep / "d"
        deep.mkdir()
    (deep / "x.py").write_text("")
    assert [message for _, message in _problems(folder)] == ["is nested too deep"]


def test_a_name_that_is_no_text_is_refused(folder: Path):
    (folder / "a\nb.py").write_text("")
    ((name, message),) = _problems(folder)
    assert (name, message) == ("sample", "holds a file whose name is not printable text: 'a\\nb.py'")


def test_a_file_that_may_not_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    really = os.open

    def guarded(path: Path, flags: int) -> int:
        if path.name == "strategy.py":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really(path, flags)

    monkeypatch.setattr(os, "open", guarded)
    assert _problems(folder) == [("strategy.py", "Permission denied")]
