"""What a watch loads: it runs for months beside bots on a small device, and what it needs once a day is another process's."""

import sys
from pathlib import Path

import pytest

from pipeline.adapters.process import run
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
