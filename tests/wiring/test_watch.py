"""What a watch loads: it runs for months beside bots on a small device, and what it needs once a day is another process's."""

import sys
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.decision_process import Asked, DecisionProcess
from pipeline.adapters.process import run
from pipeline.errors import ToolFailed
from pipeline.wiring.watch import post
from tests.fakes import FakeNarrator
from tests.needs import ROOT

pytestmark = pytest.mark.processes

HEAVY = ("numpy", "pandas", "pyarrow", "ccxt", "freqtrade", "scipy")
WITHOUT = f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules.update(dict.fromkeys({HEAVY!r})); "
WATCHES = "sys.argv = ['freqtrain', 'watch', 'test', '--once', '--home', {home!r}]; import runpy; runpy.run_module('pipeline', run_name='__main__')"
KEEPS = """
from datetime import datetime, timedelta, UTC
from pathlib import Path
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.train.samples import Sample

store, now = ObservationStore(Path({path!r}), SystemClock(), None), datetime.now(UTC)
times = [now - timedelta(days=3, minutes=minute) for minute in range(600, 0, -1)]
store.record([Sample("dip", "one", "USDT", at, "running", 100.0, 100.0 + at.minute, 0, 0, 0, 0.0) for at in times])
print(store.compact(now), len(store.samples("dip", "one")), len(store.trades("dip", "one")))
"""


def test_a_watch_needs_neither_numpy_nor_pandas_nor_an_exchange(tmp_path: Path) -> None:
    program = WITHOUT + WATCHES.format(home=str(tmp_path))
    done = run([sys.executable, "-c", program], timeout_seconds=120, cwd=ROOT)
    assert (done.code, done.out) == (0, "0 bots looked at; the lease was kept\n"), done.err


def test_what_a_watch_keeps_is_kept_and_thinned_out_without_them(tmp_path: Path) -> None:
    program = WITHOUT + KEEPS.format(path=str(tmp_path / "observations.sqlite"))
    done = run([sys.executable, "-c", program], timeout_seconds=120, cwd=ROOT)
    assert done.code == 0, done.err
    gone, left, trades = map(int, done.out.split())
    assert (gone + left, trades) == (600, 0)
    assert 0 < left <= 7 * 12


def test_what_decides_reads_what_the_watch_reads_and_is_given_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    given = {
        "EXCHANGE_ACCESS_KEY": "hunter2",
        "APPRISE_URL": "json://hunter2",
        "EXCHANGE_NAME": "binance",
        "FREQTRAIN_LOG": "json",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    decider = post("test", tmp_path, FakeNarrator(), 10.0).decider
    assert isinstance(decider, DecisionProcess)
    assert "hunter2" not in "".join(decider.env.values())
    assert "FREQTRAIN_LOG" not in decider.env
    assert decider.env["EXCHANGE_NAME"] == "binance"
    with decider.ask("dip") as asked:
        told = said_of(asked)
    assert told.startswith("the process that decides ended with 2: nothing was ever deployed to 'test' here")


def said_of(asked: Asked) -> str:
    """Why nothing was decided."""
    try:
        while asked.decided() is None:
            SystemClock().sleep(0.05)
    except ToolFailed as error:
        return error.message
    return "it was decided"
