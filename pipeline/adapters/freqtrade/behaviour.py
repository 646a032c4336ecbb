"""The strategy's own tests, run by pytest in this process, which is a fork that ends afterwards."""

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from pipeline.adapters.freqtrade.outcomes import RULE, Collector
from pipeline.domain.job import BEHAVIOUR
from pipeline.domain.strategy import TEST_FILE
from pipeline.domain.verdict import Finding, Outcome, Place

PLUGIN = "pipeline.testing.plugin"
SECONDS_HINT = "make it test less, or on shorter scenarios"


def run_tests(strategy_dir: str, class_name: str, seconds: float = 60.0, *, timeframe: str = "") -> tuple[Finding, ...]:
    """One PASS finding where every test passed, otherwise one for each thing that did not; all with the rule "tests".

    pytest runs with our plugin and nothing else: no configuration, conftest.py, plugin or variable from outside, no cache, no byte code.
    Environment and signal handlers of this process are changed for good; call it in one that ends afterwards.

    Args:
        strategy_dir: the folder of strategy.py and test_strategy.py.
        class_name: the strategy's class.
        seconds: of wall time for all tests together.
        timeframe: of its candles; empty for the class's own.
    """
    folder = Path(strategy_dir).resolve()
    file = folder / TEST_FILE
    if not file.is_file():
        reason = f"{TEST_FILE} is missing: a strategy comes with tests of its own"
        return (Finding(BEHAVIOUR, RULE, Outcome.FAIL, reason, Place(TEST_FILE)),)
    collector = Collector(folder)
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    sys.dont_write_bytecode = True
    arguments = [
        str(file),
        *("-c", os.devnull, "--rootdir", str(folder), "--confcutdir", str(folder)),
        *("--noconftest", "--import-mode=importlib"),
        *("--disable-plugin-autoload", "-p", "no:cacheprovider", "-p", "no:unraisableexception", "-p", PLUGIN),
        *("--freqtrain-strategy", str(folder), "--freqtrain-class", class_name, "--freqtrain-timeframe", timeframe),
        *("--tb=short", "-q", "-W", "ignore"),
    ]
    try:
        with _silence(), _at_most(seconds, collector):
            pytest.main(arguments, plugins=[collector])
    except BaseException as error:  # a test file may raise anything at all, SystemExit included
        collector.ended_by(error)
    return collector.findings()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def _at_most(seconds: float, collector: Collector) -> Iterator[None]:
    """Interrupt pytest when the time is up; only the main thread can set alarms, elsewhere the caller's own limit has to do."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        collector.out_of_time = f"the tests did not end within {seconds:g} s; {SECONDS_HINT}"
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
