"""`freqtrain monitor` as a person starts it: it listens, answers, ends in order, and stays light."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.freqtrain import ROOT, environment, freqtrain
from tests.monitor_ground import story
from tests.monitor_served import ask

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

HEAVY = ("pandas", "numpy", "pydantic", "plotly", "freqtrade", "ccxt", "pyarrow", "rich", "requests")
WORD = "0123456789abcdef01234567"


@contextmanager
def monitor(*arguments: str | Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A monitor of its own, and where it listens."""
    argv = [str(Path(sys.executable).parent / "freqtrain"), "monitor", "--port", "0", *map(str, arguments)]
    process = subprocess.Popen(
        argv, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().partition(" ")[0], process
    finally:
        process.kill()
        process.communicate()


def test_it_shows_the_device_until_it_is_asked_to_end(tmp_path: Path) -> None:
    ground = story(tmp_path / "home")
    with monitor("--home", ground.home) as (address, process):
        assert address.startswith("http://127.0.0.1:")
        page, found = ask(address), ask(address, "/api/overview.json?span=all")
        bundle, evidence = ground.stored()
        assert ask(address, f"/evidence/{bundle[7:]}/{evidence[7:]}.json").status == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out) == (0, "")
        assert err == f"reading and checking the ledgers, to be shown at {address}\n"
    assert page.status == 200
    assert "sma_trend" in page.body
    document = json.loads(found.body)
    assert next(iter(document)) == "outcome"
    assert [place["name"] for place in document["environments"]] == ["ci", "test", "sandbox", "prod"]
    assert (
        document["environments"][1]["strategies"][1]["condition"] == "down"
    )  # Its bots are none that a runtime knows.


def test_it_asks_for_the_token_of_the_file(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(WORD)
    token.chmod(0o600)
    with monitor("--home", tmp_path / "home", "--token-file", token) as (address, _):
        assert ask(address).status == 401
        assert ask(address, Authorization=f"Bearer {WORD}").status == 200


def test_others_are_not_let_in_without_a_token(tmp_path: Path) -> None:
    said = freqtrain("monitor", "--host", "0.0.0.0", "--home", tmp_path / "home")
    assert (said.code, said.out) == (3, "")
    assert "--token-file" in said.err


def test_it_loads_nothing_heavy() -> None:
    told = (
        f"import sys, pipeline.__main__, pipeline.cli.monitor; print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == "[]"
