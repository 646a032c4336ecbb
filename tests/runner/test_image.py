"""The image that bots and framework run in, on a real engine: what is in it, what is not, and that it works where nothing can be written."""

import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange import ExchangeInThread, Settings
from tests.bot_ground import PAIRS, Home
from tests.needs import ROOT
from tests.runner.image_ground import HARDENED, docker, gated_here, gated_inside, image, inside, tried

pytestmark = pytest.mark.processes

PATIENCE_SECONDS = 180.0

VERSIONS = """
import json, re
from importlib.metadata import distributions
print(json.dumps({re.sub(r"[-_.]+", "-", one.name).lower(): one.version for one in distributions()}))
"""
LIBRARIES = """
import ctypes, sysconfig, pathlib
import numpy, pyarrow, scipy
for path in sorted(pathlib.Path(sysconfig.get_path("purelib")).rglob("*.so*")):
    ctypes.CDLL(str(path))
    print(path.name)
"""
MODULES = """
import importlib, pkgutil, warnings
warnings.simplefilter("ignore")
for top in ("freqtrade", "pipeline", "technical", "talib", "pandas_ta", "pyarrow.parquet", "supervisor", "github3", "plotly.offline"):
    found = importlib.import_module(top)
    for one in pkgutil.walk_packages(getattr(found, "__path__", []), f"{top}.", onerror=lambda name: None):
        if "__main__" not in one.name and ".tests" not in one.name:
            try:
                importlib.import_module(one.name)
            except ImportError as error:
                print(one.name, error.name)
"""
UNCOMPILED = """
import importlib.util, pathlib, struct
import freqtrade, pipeline
for top in (freqtrade, pipeline):
    for path in pathlib.Path(top.__file__).parent.rglob("*.py"):
        compiled = pathlib.Path(importlib.util.cache_from_source(str(path)))
        if not compiled.is_file() or struct.unpack("<I", compiled.read_bytes()[4:8])[0] != 1:
            print(path)
"""


def locked() -> dict[str, set[str]]:
    """By package the versions that the lock pins: more than one where they depend on Python's version."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([a-z0-9.-]+)==([^ ;]+)", line):
            found.setdefault(match.group(1), set()).add(match.group(2))
    return found


def test_what_is_installed_is_what_the_lock_pins_without_the_tools_of_development() -> None:
    there = json.loads(inside(image(), "python", "-", stdin=VERSIONS))
    assert there.pop("freqtrain")
    assert [f"{name}=={version}" for name, version in there.items() if version not in locked().get(name, set())] == []
    assert {"freqtrade", "ccxt", "ta-lib", "pytest", "ruff", "supervisor"} <= there.keys()
    assert not there.keys() & {"mypy", "pip", "setuptools", "uv", "import-linter"}


def test_every_library_loads_though_its_symbols_are_gone() -> None:
    assert len(inside(image(), "python", "-", stdin=LIBRARIES).splitlines()) > 200


def test_every_module_can_be_imported_that_can_be_without_the_image() -> None:
    here = subprocess.run([sys.executable, "-c", MODULES], capture_output=True, text=True, timeout=300, check=True)
    assert inside(image(), "python", "-", stdin=MODULES).splitlines() == here.stdout.splitlines()


def test_all_of_it_is_compiled_for_good() -> None:
    assert inside(image(), "python", "-", stdin=UNCOMPILED) == ""


def test_nobody_in_it_is_root_and_nothing_in_it_belongs_to_its_user() -> None:
    assert inside(image(), "id", "-u") == "10001\n"
    writable = (
        "find",
        "/opt/freqtrain",
        "(",
        "-not",
        "-user",
        "root",
        "-o",
        "-perm",
        "/022",
        ")",
        "-not",
        "-type",
        "l",
    )
    assert inside(image(), *writable) == ""


@pytest.mark.parametrize("what", ["gcc", "cc", "g++", "make", "git"])
def test_it_has_no_compiler(what: str) -> None:
    assert tried("run", "--rm", image(), "sh", "-c", f"command -v {what}").returncode != 0


def test_it_has_no_cache_of_an_installer_and_no_file_of_this_checkout_beside_the_framework() -> None:
    left = inside(image(), "find", "/root", "/home", "/tmp", "/work", "-name", "*cache*", options=("--user", "0"))
    assert left == ""
    assert inside(image(), "ls", "-A", "/opt/freqtrain").split() == [
        "pipeline",
        "pyproject.toml",
        "requirements.lock",
        "venv",
    ]


def test_the_command_works_for_any_user_where_nothing_can_be_written_and_nobody_can_be_reached() -> None:
    said = inside(image(), "freqtrain", "--help", options=(*HARDENED, "--network", "none", "--user", "4711:4711"))
    assert "A release train for freqtrade strategies" in said


def test_a_strategy_makes_the_same_trades_in_it(tmp_path: Path) -> None:
    assert gated_inside(image(), tmp_path) == gated_here(tmp_path)


@pytest.mark.sockets
def test_a_real_bot_loops_in_it_is_found_healthy_and_ends_in_order(tmp_path: Path) -> None:
    exchange = ExchangeInThread(Settings(pairs=PAIRS), SystemClock())
    name = f"freqtrain-tests-{uuid.uuid4().hex[:12]}"
    with exchange:
        home = Home(tmp_path, exchange.address)
        mounts = ("--volume", f"{tmp_path}:{tmp_path}", "--network", "host", "--user", f"{os.getuid()}:{os.getgid()}")
        bot = ("python", "-m", "pipeline.adapters.freqtrade.bot", str(home.path))
        docker("run", "--detach", "--name", name, "--health-interval", "2s", *HARDENED, *mounts, image(), *bot)
        try:
            until_healthy(name)
            docker("stop", "--time", "60", name)
            assert docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0\n", docker("logs", name)
        finally:
            docker("rm", "--force", name)


def until_healthy(name: str) -> None:
    """Wait until the engine says so; what the check printed last is what a person sees in `docker inspect`."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (state := docker("inspect", "--format", "{{.State.Health.Status}}", name).strip()) != "healthy":
        assert time.monotonic() < until, f"{state}\n{docker('logs', name)[-3000:]}"
        time.sleep(0.5)
    said = json.loads(docker("inspect", "--format", "{{json .State.Health.Log}}", name))[-1]
    assert "the last loop ended" in said["Output"]
