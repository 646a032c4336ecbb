"""The guard (no processes, no sockets unless a test is meant to), golden transcripts, and a folder that looks like a repository."""

import difflib
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

GOLDEN = Path(__file__).parent / "golden"

settings.register_profile(
    "patient",
    deadline=None,  # a loaded machine is no counterexample
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize="CI" in os.environ or "FREQTRAIN_REQUIRE_ALL" in os.environ,
)
"""Who works on the code searches for other examples each time; what judges a change finds today what it found yesterday."""
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden transcripts with what is printed now"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "processes: the test starts processes of its own")
    config.addinivalue_line("markers", "sockets: the test opens sockets on the loopback")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: what takes long waits for bots, engines and clocks, and computes little."""
    return max(2, 3 * (os.cpu_count() or 1) // 2)


LONG = (
    *("tests/rehearsal/", "tests/journeys/", "tests/runner/", "tests/workflows/", "tests/docs/", "tests/hostile/"),
    *("tests/test_samples.py", "tests/adapters/compose/", "tests/cli/test_gate", "tests/adapters/freqtrade/"),
)
"""Where the files are that take minutes."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where files are shared out, the long ones begin first: else one of them goes on alone when all others are done."""
    if hasattr(config, "workerinput"):
        items.sort(
            key=lambda item: next((place for place, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG))
        )


@pytest.fixture(autouse=True)
def guard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting a process or opening a network socket fails, unless the test is marked `processes` or `sockets`."""

    def refuse(what: str) -> Callable[..., None]:
        def refused(*_: object, **__: object) -> None:
            raise AssertionError(f"{what} in a test that is not marked for it")

        return refused

    if request.node.get_closest_marker("processes") is None:
        monkeypatch.setattr(subprocess.Popen, "__init__", refuse("a process was started"))
        monkeypatch.setattr(os, "fork", refuse("a process was forked"))
        monkeypatch.setattr(os, "system", refuse("a process was started"))
    if request.node.get_closest_marker("sockets") is None:
        monkeypatch.setattr(socket.socket, "connect", refuse("a socket was connected"))
        monkeypatch.setattr(socket.socket, "bind", refuse("a socket was bound"))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, text)` compares with tests/golden/NAME, or rewrites it with --update-golden."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.is_file() else ""
        if text != expected:
            diff = "\n".join(
                difflib.unified_diff(expected.splitlines(), text.splitlines(), "golden", "now", lineterm="")
            )
            pytest.fail(f"{name} differs (rewrite with --update-golden after reading the difference):\n{diff}")

    return compare
