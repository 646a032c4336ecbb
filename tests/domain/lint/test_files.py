"""The closed list of files."""

import pytest

from pipeline.domain.lint import MAX_FILE_BYTES, closed_list, local_package
from pipeline.domain.verdict import Outcome

PLAIN = {"strategy.py": b"", "strategy.yml": b"", "test_strategy.py": b""}


def _told(strategy_id: str = "sample", **others: bytes) -> list[tuple[str, str]]:
    found = closed_list(strategy_id, PLAIN | others)
    assert all(finding.outcome is Outcome.FAIL and not finding.warning for finding in found)
    return [(finding.rule, str(finding.place) if finding.place else "") for finding in found]


def test_the_three_files_are_enough():
    assert _told() == []


def test_parameters_and_one_package_are_allowed():
    assert _told(**{"strategy.json": b"", "sample_lib/__init__.py": b"", "sample_lib/deep/__init__.py": b""}) == []
    assert _told(**{"sample/__init__.py": b""}) == []


@pytest.mark.parametrize("name", list(PLAIN))
def test_a_missing_file_is_named(name: str):
    (found,) = closed_list("sample", {path: b"" for path in PLAIN if path != name})
    assert found.reason == f"{name} is missing: every strategy has one."


@pytest.mark.parametrize(
    "name", ["README.md", "other.py", ".env", "strategy.pyc", "Strategy.py", "conftest.py", "data.csv"]
)
def test_anything_else_is_a_finding(name: str):
    assert _told(**{name: b""}) == [("FT001", name)]


def test_a_package_of_another_name_is_a_finding():
    assert _told(**{"lib/__init__.py": b""}) == [("FT002", "lib")]
    assert _told(**{"samplelib/__init__.py": b""}) == [("FT002", "samplelib")]
    assert _told("pandas", **{"pandas/__init__.py": b""}) == [("FT002", "pandas")]
    assert _told("json", **{"json/__init__.py": b""}) == [("FT002", "json")]


def test_two_packages_are_a_finding():
    assert _told(**{"sample_a/__init__.py": b"", "sample_b/__init__.py": b""}) == [("FT002", "sample_b")]


def test_a_folder_without_init_is_a_finding():
    assert _told(**{"sample_lib/x.py": b""}) == [("FT002", "sample_lib/__init__.py")]
    inner = {"sample_lib/__init__.py": b"", "sample_lib/deep/x.py": b""}
    assert _told(**inner) == [("FT002", "sample_lib/deep/__init__.py")]


@pytest.mark.parametrize("name", ["table.csv", "x.so", "two words.py", "class.py", "1st.py"])
def test_a_package_holds_modules_only(name: str):
    assert _told(**{"sample_lib/__init__.py": b"", f"sample_lib/{name}": b""}) == [("FT002", f"sample_lib/{name}")]


def test_large_files_and_many_files_are_findings():
    assert _told(**{"strategy.py": b"#" * (MAX_FILE_BYTES + 1)}) == [("FT003", "strategy.py")]
    many = {f"sample_lib/m{i}.py": b"" for i in range(70)} | {"sample_lib/__init__.py": b""}
    assert _told(**many) == [("FT003", "")]
    full = {f"sample_lib/m{i}.py": b"#" * MAX_FILE_BYTES for i in range(5)} | {"sample_lib/__init__.py": b""}
    assert _told(**full) == [("FT003", "")]


@pytest.mark.parametrize("name", ["Sample", "1sample", "sample-1", "", "x" * 65])
def test_a_name_that_cannot_be_an_id_is_a_finding(name: str):
    assert _told(name) == [("FT001", "")]


def test_the_local_package_is_named():
    assert local_package("sample", PLAIN) is None
    assert local_package("sample", PLAIN | {"sample_lib/__init__.py": b""}) == "sample_lib"
    assert local_package("sample", PLAIN | {"other/__init__.py": b""}) is None
