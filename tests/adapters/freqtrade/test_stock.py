"""The gate's engine makes the trades that freqtrade's own command makes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.stock import Stock, exchange_info
from pipeline.adapters.engine import FreqtradeChild
from pipeline.domain.job import BACKTEST, Account, Job
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.windows import Window
from pipeline.wiring.data import data_sets
from tests import needs
from tests.cli.freqtrain import ROOT, freqtrain

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "ADA/USDT")
FIELDS = ("amount", "close_rate", "open_rate", "profit_abs", "profit_ratio", "stake_amount")


@pytest.mark.parametrize(("id", "timeframe"), [("dip_in_uptrend", "1h"), ("range_dip", "1h")])
def test_the_stock_command_makes_the_same_trades(tmp_path: Path, id: str, timeframe: str) -> None:
    assert freqtrain("data", "import", needs.real_candles(), "--out", tmp_path / "data").code == 0
    folder, class_name = ROOT / "strategies" / id, _class_name(ROOT / "strategies" / id)
    window = Window("w", datetime.fromisoformat("2024-12-01T00:00Z"), datetime.fromisoformat("2025-03-01T00:00Z"))
    candles = data_sets().open(tmp_path / "data").derive([timeframe, "4h", "1d"], tmp_path / "cache")
    markets = tmp_path / "data" / "markets.json"
    job = Job(
        strategy_dir=str(folder),
        class_name=class_name,
        exchange="binance",
        data_dir=str(candles),
        markets=str(markets),
        pairs=PAIRS,
        timeframe=timeframe,
        windows=(window,),
        account=Account("USDT", 10_000.0, None, 3),
        tasks=(BACKTEST,),
    )
    (ours,) = FreqtradeChild().measure(job).backtests
    assert ours.failure is None
    assert len(ours.trades) > 5
    with exchange_info(markets) as url:
        stock = Stock(candles, url, PAIRS, timeframe, 10_000, 3, tmp_path / "stock")
        theirs: Any = stock.run(
            folder, class_name, f"{int(window.start.timestamp())}-{int(window.end.timestamp()) - 3600}"
        )
    assert [_ours(trade) for trade in ours.trades] == [_theirs(trade) for trade in theirs["trades"]]
    assert ours.ending_balance == pytest.approx(theirs["final_balance"], rel=1e-12)


def _class_name(folder: Path) -> str:
    lines = (folder / "strategy.yml").read_text().splitlines()
    return next(line.split(":")[1].strip() for line in lines if line.startswith("class:"))


def _ours(trade: ClosedTrade) -> dict[str, object]:
    numbers = {"profit_abs": trade.profit, "stake_amount": trade.stake}
    values = {field: numbers.get(field, getattr(trade, field, None)) for field in FIELDS}
    times = {"open": int(trade.opened_at.timestamp() * 1000), "close": int(trade.closed_at.timestamp() * 1000)}
    return {"pair": trade.pair, "exit": trade.exit_reason, **times, **values}


def _theirs(trade: dict[str, Any]) -> dict[str, object]:
    times = {"open": trade["open_timestamp"], "close": trade["close_timestamp"]}
    return {"pair": trade["pair"], "exit": trade["exit_reason"], **times, **{field: trade[field] for field in FIELDS}}
