"""The engine's child process, with the real freqtrade inside."""

import json
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.adapters import engine
from pipeline.adapters.answer_cache import AnswerCache
from pipeline.adapters.engine import FreqtradeChild, clean_environment
from pipeline.adapters.engine_answer import read_answer
from pipeline.domain.job import BACKTEST, BEHAVIOUR, Account, Job, Limits
from pipeline.domain.market import simulated
from pipeline.domain.verdict import Outcome
from pipeline.domain.windows import Window
from pipeline.errors import ToolFailed
from tests import descendants

pytestmark = pytest.mark.processes

STRATEGY = """\
from freqtrade.strategy import IStrategy
from pandas import DataFrame
{imports}

class Sample(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    stoploss = -0.05
    minimal_roi = {{"0": 0.03}}
    startup_candle_count = 24

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["mean"] = dataframe["close"].rolling(24).mean()
        {indicators}
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[(dataframe["close"] > dataframe["mean"]) & (dataframe["volume"] > 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[dataframe["close"] < dataframe["mean"], "exit_long"] = 1
        return dataframe
{more}
"""
MakeJob = Callable[..., Job]


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty days of the simulated market, in freqtrade's files, with its markets."""
    folder = tmp_path_factory.mktemp("data")
    contents = simulated(7, days=40)
    for (pair, timeframe), frame in contents.candles.items():
        if timeframe == "1h":
            frame.to_feather(folder / f"{pair.replace('/', '_')}-{timeframe}.feather")
    (folder / "markets.json").write_text(json.dumps(contents.markets))
    return folder


@pytest.fixture
def make_job(data_dir: Path, tmp_path: Path) -> MakeJob:
    def make(*, imports: str = "", indicators: str = "pass", more: str = "", tests: str = "", **changes: object) -> Job:
        folder = tmp_path / "strategy"
        folder.mkdir(exist_ok=True)
        (folder / "strategy.py").write_text(STRATEGY.format(imports=imports, indicators=indicators, more=more))
        (folder / "test_strategy.py").write_text(tests)
        first = pd.read_feather(data_dir / "BTC_USDT-1h.feather")["date"].iloc[0].to_pydatetime()
        window = Window("w", first + timedelta(days=10), first + timedelta(days=30))
        settings: dict[str, object] = {
            "strategy_dir": str(folder),
            "class_name": "Sample",
            "exchange": "binance",
            "data_dir": str(data_dir),
            "markets": str(data_dir / "markets.json"),
            "pairs": ("BTC/USDT", "ETH/USDT"),
            "timeframe": "1h",
            "windows": (window,),
            "account": Account("USDT", 1000.0, None, 2),
            "tasks": (BACKTEST,),
            "limits": Limits(seconds=60.0),
        }
        return Job(**{**settings, **changes})  # type: ignore[arg-type]

    return make


def test_a_job_gives_trades_versions_and_peak_memory(make_job: MakeJob) -> None:
    measured = FreqtradeChild().measure(make_job())
    (result,) = measured.backtests
    assert result.failure is None
    assert len(result.trades) > 3
    assert result.started_at == make_job().windows[0].start
    assert measured.versions["freqtrade"]
    assert 100 < measured.peak_memory_mib < 2000
    assert measured.isolation.startswith("guard")


def test_fork_and_spawn_make_the_same_trades(make_job: MakeJob) -> None:
    forked = FreqtradeChild().measure(make_job(start_method="fork"))
    spawned = FreqtradeChild().measure(make_job(start_method="spawn"))
    assert forked.backtests == spawned.backtests


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
        ("import socket; socket.getaddrinfo('example.org', 80)", "PermissionError"),
        ("import subprocess; subprocess.run(['true'])", "PermissionError"),
        ("import os; os.system('true')", "PermissionError"),
        ("import os; dataframe['x'] = os.environ['GITHUB_TOKEN']", "KeyError"),
        ("x = bytearray(6 * 2**30)", "MemoryError"),
    ],
)
def test_network_programs_secrets_and_too_much_memory_are_out_of_reach(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch, code: str, kind: str
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_planted")
    (result,) = FreqtradeChild().measure(make_job(indicators=code)).backtests
    assert result.failure is not None
    assert (result.failure.kind, result.failure.file) == (kind, "strategy.py")


def test_the_clean_environment_has_nothing_inherited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EXCHANGE_ACCESS_KEY", "planted")
    monkeypatch.setenv("GITHUB_OUTPUT", "planted")
    assert "planted" not in json.dumps(clean_environment(tmp_path))
    assert not {name for name in clean_environment(tmp_path) if name.startswith(("GITHUB", "EXCHANGE", "RUNNER"))}


def test_a_callback_that_raises_fails_though_freqtrade_would_carry_on(make_job: MakeJob) -> None:
    callback = "    def custom_exit(self, pair, trade, current_time, current_rate, current_profit, **kwargs):\n        return {}['nothing']\n"
    (result,) = FreqtradeChild().measure(make_job(more=callback)).backtests
    assert result.failure is not None
    assert (result.failure.kind, result.failure.file) == ("KeyError", "strategy.py")
    assert result.failure.line == len(STRATEGY.splitlines()) + 1


def test_a_strategy_that_does_not_import_fails_with_the_real_reason_and_line(make_job: MakeJob) -> None:
    (result,) = FreqtradeChild().measure(make_job(imports="import nowhere")).backtests
    assert result.failure is not None
    assert (result.failure.kind, result.failure.file, result.failure.line) == ("ModuleNotFoundError", "strategy.py", 3)


def test_a_task_that_ends_its_process_is_named_and_the_others_go_on(make_job: MakeJob) -> None:
    measured = FreqtradeChild().measure(make_job(tests="import os\nos._exit(0)\n", tasks=(BACKTEST, BEHAVIOUR)))
    assert measured.backtests[0].failure is None
    assert [f.outcome for f in measured.behaviour] != [Outcome.PASS]
    assert "0" in measured.behaviour[0].reason


def test_a_copy_that_a_strategy_forks_of_itself_has_no_say(make_job: MakeJob) -> None:
    forked = FreqtradeChild().measure(make_job(indicators="import os; os.fork()"))
    assert forked.backtests == FreqtradeChild().measure(make_job()).backtests
    assert forked.backtests[0].failure is None


def test_an_endless_loop_ends_with_the_deadline_and_leaves_no_process(make_job: MakeJob) -> None:
    job = make_job(indicators="while True: pass", limits=Limits(seconds=5.0))
    measured = FreqtradeChild().measure(job)
    (result,) = measured.backtests
    assert result.failure is not None
    assert "did not finish within 5 s" in result.failure.message
    assert 5 <= measured.seconds < 20
    assert descendants.left() == []


@pytest.fixture
def slow_python(tmp_path: Path) -> str:
    """An interpreter that takes six seconds to start."""
    slow = tmp_path / "python"
    slow.write_text(f'#!/bin/sh\nsleep 6\nexec "{sys.executable}" "$@"\n')
    slow.chmod(0o755)
    return str(slow)


def test_how_long_the_engine_takes_to_start_is_not_in_the_limit_of_the_strategy(
    make_job: MakeJob, slow_python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "GRACE_SECONDS", -4.5)
    (result,) = FreqtradeChild(python=slow_python).measure(make_job(limits=Limits(seconds=10.0))).backtests
    assert result.failure is None


def test_an_engine_that_does_not_start_is_said_to_be_that_and_leaves_no_process(
    make_job: MakeJob, slow_python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STARTING_SECONDS", 1.0)
    with pytest.raises(ToolFailed, match="the engine did not start within 1 s"):
        FreqtradeChild(python=slow_python).measure(make_job())
    assert descendants.left() == []


def test_a_flood_of_words_is_cut_off(make_job: MakeJob) -> None:
    job = make_job(indicators="import sys; sys.stderr.write('x' * 80_000_000)")
    with pytest.raises(ToolFailed, match="printed more than 64 MiB"):
        FreqtradeChild().measure(job)
    assert descendants.left() == []


def test_what_a_strategy_prints_is_no_answer_and_no_workflow_command(
    make_job: MakeJob, capfd: pytest.CaptureFixture[str]
) -> None:
    printed = "print('::error::owned'); print('{\"tasks\": {}}')"
    (result,) = FreqtradeChild().measure(make_job(indicators=printed)).backtests
    assert result.failure is None
    seen = capfd.readouterr()
    assert "owned" not in seen.out + seen.err


def test_stopping_ends_a_running_child(make_job: MakeJob) -> None:
    child = FreqtradeChild()
    threading.Timer(3.0, child.stop).start()
    with pytest.raises(ToolFailed):
        child.measure(make_job(indicators="while True: pass"))
    assert descendants.left() == []


def test_a_configuration_that_freqtrade_refuses_is_a_failure_though_its_command_exits_with_0(make_job: MakeJob) -> None:
    (result,) = FreqtradeChild().measure(make_job(account=Account("NOPE", 1000.0, None, 2))).backtests
    assert result.failure is not None
    assert "NOPE" in result.failure.message
    (result,) = FreqtradeChild().measure(make_job(freqtrade={"unfilledtimeout": {"entry": "soon"}})).backtests
    assert result.failure is not None
    assert "soon" in result.failure.message


def test_an_answer_is_remembered_by_identity_but_a_failure_is_not(make_job: MakeJob, tmp_path: Path) -> None:
    child = FreqtradeChild(cache=AnswerCache(tmp_path / "cache"))
    first = child.measure(make_job(identity="sha256:" + "a" * 64))
    second = child.measure(make_job(identity="sha256:" + "a" * 64))
    assert (first.cached, second.cached) == (False, True)
    assert first.backtests == second.backtests
    broken = make_job(indicators="raise ValueError('no')", identity="sha256:" + "b" * 64)
    assert child.measure(broken).backtests[0].failure is not None
    assert not child.measure(broken).cached


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"", "the whole"),
        (b"[]", "the whole"),
        (b'{"tasks": {}}', "versions"),
        (b'{"tasks": {}, "versions": {}, "peak_memory_mib": 1, "started_at": "", "seconds": 1, "more": 1}', "more"),
        (b'{"tasks": {}, "versions": {}, "peak_memory_mib": 1, "started_at": "", "seconds": 1}', "not one"),
    ],
)
def test_an_answer_of_another_shape_is_refused_and_the_place_named(
    make_job: MakeJob, answer: bytes, complaint: str
) -> None:
    with pytest.raises(ToolFailed, match=complaint):
        read_answer(answer, make_job(), "test")


def test_numbers_that_are_none_are_refused(make_job: MakeJob) -> None:
    whole = {"tasks": {}, "versions": {}, "peak_memory_mib": float("nan"), "started_at": "", "seconds": 1}
    with pytest.raises(ToolFailed, match="peak_memory_mib"):
        read_answer(json.dumps(whole).encode(), make_job(), "test")


def test_candles_of_the_fixture_are_sound(data_dir: Path) -> None:
    frame = pd.read_feather(data_dir / "BTC_USDT-1h.feather")
    assert len(frame) == 40 * 24
    assert np.isfinite(frame[["open", "close"]].to_numpy()).all()
