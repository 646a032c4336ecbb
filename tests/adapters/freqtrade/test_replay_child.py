"""Replays in a real child: the candles of one are not there before the one before it has been answered."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.answer_cache import AnswerCache
from pipeline.adapters.cut_candles import write_cut
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.engine_answer import gathered
from pipeline.adapters.sandbox import best
from pipeline.domain.job import BACKTEST, REPLAY, Account, Job, Limits
from pipeline.domain.market import simulated
from pipeline.domain.replay import Cut
from pipeline.domain.windows import Window
from pipeline.errors import ToolFailed
from tests.trading_styles import write_style

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PEEK = """
import os
here = str(self.config["datadir"])
names = sorted(os.listdir(os.path.dirname(here)))
if names[-1] != os.path.basename(here):
    raise RuntimeError(f"I see {names}")
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    contents = simulated(7, ("BTC/USDT", "ETH/USDT"), 40)
    folder = tmp_path_factory.mktemp("data")
    for (pair, timeframe), frame in contents.candles.items():
        if timeframe == "1h":
            frame.to_feather(folder / f"{pair.replace('/', '_')}-1h.feather")
    (folder / "markets.json").write_text(json.dumps(contents.markets))
    return folder


def asked(data: Path, tmp_path: Path, indicators: str = "pass") -> tuple[Job, list[int], Callable[[int], None]]:
    """A job of three replays, a list of those whose candles were revealed, and the function that reveals them."""
    start = simulated(7, ("BTC/USDT",), 40).candles["BTC/USDT", "1h"]["date"].iloc[240].to_pydatetime()
    window = Window("w", start, start + timedelta(days=20))
    cuts = [Cut(window, start + timedelta(days=days), timedelta(hours=1)) for days in (5, 6, 9)]
    folder, revealed = tmp_path / "series", list[int]()
    folder.mkdir()

    def reveal(number: int) -> None:
        revealed.append(number)
        write_cut(data, cuts[number], tmp_path / f"aside-{number}")
        (tmp_path / f"aside-{number}").rename(folder / str(number))

    windows = tuple(replace(cut.replayed, name=str(number)) for number, cut in enumerate(cuts))
    job = Job(
        str(write_style(tmp_path / "strategy", {}, indicators=indicators)), "Styled", "binance", str(folder),
        str(data / "markets.json"), ("BTC/USDT", "ETH/USDT"), "1h", windows, Account("USDT", 1000.0, None, 2),
        tasks=(REPLAY,), limits=Limits(seconds=60.0), identity="sha256:" + "a" * 64,
    )  # fmt: skip
    return job, revealed, reveal


def test_candles_are_revealed_one_after_the_other_and_none_before_its_turn(data: Path, tmp_path: Path) -> None:
    job, revealed, reveal = asked(data, tmp_path, PEEK)
    results = FreqtradeChild(best().sandbox).replay(job, reveal).backtests
    assert [result.failure for result in results] == [None, None, None]
    assert [result.window for result in results] == ["0", "1", "2"]
    assert revealed == [0, 1, 2]
    assert 0 < len(results[0].trades) <= len(results[1].trades) < len(results[2].trades)


def test_a_known_answer_reveals_nothing(data: Path, tmp_path: Path) -> None:
    child = FreqtradeChild(cache=AnswerCache(tmp_path / "cache"))
    job, revealed, reveal = asked(data, tmp_path)
    first = child.replay(job, reveal)
    second = child.replay(job, reveal)
    assert (first.cached, second.cached) == (False, True)
    assert first.backtests == second.backtests
    assert revealed == [0, 1, 2]


def test_a_strategy_that_ends_its_process_is_a_failure_of_each_replay(data: Path, tmp_path: Path) -> None:
    job, revealed, reveal = asked(data, tmp_path, "import os\nos._exit(0)")
    results = FreqtradeChild().replay(job, reveal).backtests
    assert ["exit code 0" in (result.failure.message if result.failure else "") for result in results] == [True] * 3
    assert revealed == [0, 1, 2]


def test_fewer_lines_than_replays_and_lines_that_are_no_json_are_refused(data: Path, tmp_path: Path) -> None:
    job, _, _ = asked(data, tmp_path)
    for said in (b"", b"{}", b"{}\n{}\n{}", b"{}\n{}\nx\n{}", b"{}\n{}\n{}\n[]", b"{}\n" * 4 + b"{}"):
        with pytest.raises(ToolFailed, match="the engine's answer is not one"):
            gathered(said, job)
    whole = json.loads(gathered(b'{"a": 1}\n{}\n{}\n{"seconds": 1}', job))
    assert whole == {"seconds": 1, "tasks": {f"{BACKTEST}:0": {"a": 1}, f"{BACKTEST}:1": {}, f"{BACKTEST}:2": {}}}
