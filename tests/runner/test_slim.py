"""What the image's packages lose: symbols that nobody loads, doubled libraries, tests; and what must stay."""

import ctypes
import importlib.util
import re
import struct
import tomllib
from pathlib import Path
from types import ModuleType

import numpy
import pytest

from tests.needs import ROOT


@pytest.fixture(scope="module")
def slim() -> ModuleType:
    spec = importlib.util.spec_from_file_location("slim", ROOT / "runner" / "slim.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def library() -> Path:
    """A compiled library with symbols and a table of sections."""
    (found,) = Path(numpy.__file__).parent.glob("random/_common.*.so")
    return found


def test_a_library_without_its_symbols_is_smaller_and_loads(slim: ModuleType, tmp_path: Path) -> None:
    whole = library().read_bytes()
    rest = slim.loaded(whole)
    assert len(rest) < len(whole)
    assert struct.unpack_from("<Q", rest, 40) == (0,)
    (tmp_path / "rest.so").write_bytes(rest)
    assert ctypes.CDLL(str(tmp_path / "rest.so")).PyInit__common
    assert slim.loaded(rest) == rest


@pytest.mark.parametrize(
    "content", [b"", b"#!/bin/sh\n", b"\x7fELF\x01\x01" + bytes(80), b"\x7fELF\x02\x02" + bytes(80)]
)
def test_what_is_no_such_library_stays_as_it_is(slim: ModuleType, content: bytes) -> None:
    assert slim.loaded(content) == content


def test_a_library_under_two_names_is_kept_once(slim: ModuleType, tmp_path: Path) -> None:
    for name, content in (("libx.so", b"one"), ("libx.so.1", b"one"), ("liby.so", b"two")):
        (tmp_path / name).write_bytes(content)
    slim.link_twins(tmp_path)
    assert [path.name for path in slim.libraries(tmp_path)] == ["libx.so", "liby.so"]
    assert (tmp_path / "libx.so.1").read_bytes() == b"one"


def test_tests_sources_and_stubs_go_and_data_code_and_what_code_imports_stay(slim: ModuleType, tmp_path: Path) -> None:
    gone = ("a/tests/test_a.py", "a/a.pyi", "a/_a.c", "a/include.h", "pyarrow/include/x", "plotly/labextension/x.js")
    stay = ("a/a.py", "a/tests.py", "a/data.json", "numpy/_core/tests/_natype.py", "pyarrow/lib.so")
    for name in (*gone, *stay):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    slim.drop_files(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == set(stay)


def test_what_is_needed_is_followed_through_extras_and_nothing_else_is(slim: ModuleType) -> None:
    needed = slim.reachable(["freqtrade", "pytest"])
    assert {"freqtrade", "ccxt", "pandas", "pluggy"} <= needed
    assert not needed & {"mypy", "pip"}


def test_a_lock_that_lacks_what_is_needed_stops_the_build(slim: ModuleType) -> None:
    with pytest.raises(SystemExit, match="the lock does not bring it"):
        slim.reachable(["no-such-thing>=1"])


def test_what_draws_pictures_is_pinned_and_stays_out_of_the_image(slim: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    kept = slim.reachable([*project["dependencies"], *extras[slim.EXTRA]])
    drawing = {re.split(r"[><=]", line)[0] for line in extras["pictures"]}
    assert drawing
    assert not drawing & kept
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    assert drawing <= locked
