"""Gate and bot load a strategy alike: the strategy object that a bot makes trades as the gate's backtest did, parameters file included."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.domain.canonical import canonical
from pipeline.domain.job import BACKTEST, Account, Job
from pipeline.domain.windows import Window
from pipeline.wiring.data import data_sets
from tests.bot_ground import Home
from tests.needs import ROOT
from tests.small_sets import PAIRS, small_set

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

BOTH = """
import json, sys
from pathlib import Path

from freqtrade.optimize.backtesting import Backtesting
from freqtrade.persistence import LocalTrade

from pipeline.adapters.freqtrade import backtest, bot_configuration, loader, offline
from pipeline.adapters.freqtrade.bot_home import open_home
from pipeline.domain.job_text import job_from_plain
from pipeline.domain.trades import trades_digest

scratch, home = Path(sys.argv[1]), Path(sys.argv[2])
job = job_from_plain(json.load(sys.stdin))
(window,) = job.windows
gates = backtest.backtest(job, window, scratch / "gate")
assert gates.failure is None, gates.failure

settings = open_home(home)
config = bot_configuration.finished(settings, bot_configuration.arguments(settings, home))
strategy = loader.resolve(config, Path(settings.strategy_dir))
config = loader.configuration(
    Path(job.strategy_dir), job.class_name, backtest.settings_for(job, window),
    data_dir=Path(job.data_dir), scratch=scratch / "bot",
)
engine = Backtesting(config, offline.offline_exchange(config, offline.read_markets(Path(job.markets))))
engine.backtest_one_strategy(strategy, *engine.load_bt_data())
bots = tuple(backtest.closed_trade(trade) for trade in LocalTrade.bt_trades)
print(json.dumps({
    "gate": [len(gates.trades), trades_digest(gates.trades)],
    "bot": [len(bots), trades_digest(bots)],
    "class": [type(strategy).__name__, type(strategy).__mro__[1].__name__],
}))
"""


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Forty days, in freqtrade's files, with their markets."""
    folder = tmp_path_factory.mktemp("candles")
    dataset = small_set(folder / "set", days=40)
    derived = data_sets().open(dataset.root).derive(["1h", "4h", "1d"], folder / "cache")
    return str(derived), str(dataset.root / "markets.json")


def traded(tmp_path: Path, candles: tuple[str, str], strategy: Path, class_name: str) -> dict[str, Any]:
    """The trades of the gate and of the bot's strategy object, by number and digest."""
    home = Home(tmp_path / "device", "http://127.0.0.1:1", settings={"class_name": class_name})
    shutil.rmtree(home.path / "strategy")
    shutil.copytree(strategy, home.path / "strategy", ignore=shutil.ignore_patterns("__pycache__"))
    first = pd.read_feather(Path(candles[0]) / "BTC_USDT-1h.feather")["date"].iloc[0].to_pydatetime()
    began = first + timedelta(days=12)
    job = Job(
        strategy_dir=str(strategy),
        class_name=class_name,
        exchange="binance",
        data_dir=candles[0],
        markets=candles[1],
        pairs=PAIRS,
        timeframe="1h",
        windows=(Window("w", began, began + timedelta(days=25)),),
        account=Account("USDT", 10_000.0, None, 3),
        tasks=(BACKTEST,),
    )
    for name in ("gate", "bot"):
        (tmp_path / name).mkdir()
    done = subprocess.run(
        [sys.executable, "-c", BOTH, str(tmp_path), str(home.path)],
        cwd=ROOT,
        input=canonical(job),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_bot_s_strategy_makes_the_gate_s_trades_with_its_parameters_file_and_others_without(
    tmp_path: Path, candles: tuple[str, str]
) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT / "strategies" / "dip_in_uptrend", source)
    (tmp_path / "with").mkdir()
    found = traded(tmp_path / "with", candles, source, "DipInUptrend")
    assert found["gate"] == found["bot"]
    assert found["gate"][0] > 0
    assert found["class"] == ["DipInUptrend", "IStrategy"]
    (source / "strategy.json").unlink()
    (tmp_path / "without").mkdir()
    without = traded(tmp_path / "without", candles, source, "DipInUptrend")
    assert without["gate"] == without["bot"] != found["bot"]


def test_a_local_package_is_found_by_both(tmp_path: Path, candles: tuple[str, str]) -> None:
    found = traded(tmp_path, candles, ROOT / "strategies" / "range_dip", "RangeDip")
    assert found["gate"] == found["bot"]
    assert found["gate"][0] > 0
