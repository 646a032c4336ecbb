"""A real watch tells a service of the loopback what its ledger has new, once, though it is ended and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.notices.channel_file import ChannelFile
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.trading import Secret, Secrets
from pipeline.domain.train.decisions import EntriesStopped
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from tests.adapters.notices.receiver import Receiver, receiver
from tests.cli.freqtrain import ROOT
from tests.fakes import FakeNarrator

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

BUNDLE = "sha256:" + "a" * 64
LONG = 120.0


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def record(home: Path, *facts: Fact) -> None:
    ledger = LedgerFile(home / "test" / "ledger.jsonl", SystemClock(), FakeNarrator())
    for fact in facts:
        ledger.append(kind_of(fact), body_of(fact))


@contextmanager
def watching(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    argv: Sequence[str] = (sys.executable, "-m", "pipeline", "watch", "test", "--home", str(home), "--interval", "0.5")
    env = {name: text for name, text in os.environ.items() if name in ("PATH", "HOME", "LANG")} | {
        "PYTHONPATH": str(ROOT)
    }
    with subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        try:
            yield running
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=LONG)
        finally:
            running.kill()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


def test_what_is_recorded_arrives_once(tmp_path: Path, service: Receiver) -> None:
    home = tmp_path / "device"
    record(
        home,
        Deploying("test", "dip", Purpose.DEPLOY, BUNDLE, "a", (), "operator"),
        Deployed("test", "dip", BUNDLE, "a", "operator"),
    )
    url = f"{service.json_url} json://127.0.0.1:{service.port}/second"
    ChannelFile(home / "test").keep(
        Secrets(apprise_url=Secret(url), ping_url=Secret(f"{service.url}/ping")), SystemClock().now()
    )

    def told(words: str, path: str = "/second") -> int:
        return sum(words in str(said.get("message", "")) for at, said in service.asked if at == path)

    try:
        with watching(home) as first:
            until(lambda: told("was deployed by operator") == 1)
            record(home, EntriesStopped("test", "dip", "ada", "a holiday"))
            until(lambda: told("entries stopped by ada: a holiday") == 1)
        assert first.returncode == 0
        record(home, EntriesStopped("test", "dip", "ben", "another one"))
        with watching(home) as second:
            until(lambda: told("entries stopped by ben: another one") == 1)
        assert second.returncode == 0
    finally:
        SupervisorRuntime(home, SystemClock()).shutdown()
    for words in ("was deployed by operator", "entries stopped by ada", "entries stopped by ben"):
        assert told(words) == told(words, "/hooks/canary-word-of-apprise") == 1, service.asked
