"""One window of one strategy through freqtrade's own backtester."""

import logging
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freqtrade.optimize.backtesting import Backtesting
from freqtrade.persistence import LocalTrade, Order

from pipeline.adapters.freqtrade import loader, offline
from pipeline.domain.job import BacktestResult, Failure, Job
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.windows import Window

NEEDED_SETTINGS: dict[str, Any] = {
    "pairlists": [{"method": "StaticPairList"}],
    "entry_pricing": {"price_side": "same", "use_order_book": True, "order_book_top": 1},
    "exit_pricing": {"price_side": "same", "use_order_book": True, "order_book_top": 1},
}
"""What freqtrade reads without a default of its own."""


def settings_for(job: Job, window: Window | None = None) -> dict[str, Any]:
    """freqtrade's settings for a job: the passed-through ones first, then those that the train owns.

    Windows end before `end`; freqtrade's time ranges include their last candle, hence one timeframe less. Protections are on, as they are in
    a bot that trades.
    """
    account = job.account
    passed = dict(job.freqtrade)
    exchange = passed.pop("exchange", {})
    settings: dict[str, Any] = {
        **passed,
        "dry_run": True,
        "stake_currency": account.stake_currency,
        "stake_amount": "unlimited" if account.stake is None else account.stake,
        "dry_run_wallet": account.wallet,
        "max_open_trades": account.max_open_trades,
        "timeframe": job.timeframe,
        "dataformat_ohlcv": "feather",
        "enable_protections": True,
        "exchange": {
            "pair_blacklist": [],
            **(exchange if isinstance(exchange, dict) else {}),
            "name": job.exchange,
            "pair_whitelist": list(job.pairs),
        },
    }
    for key, value in NEEDED_SETTINGS.items():
        settings.setdefault(key, value)
    if account.fee_ratio is not None:
        settings["fee"] = account.fee_ratio
    if window is not None:
        last = window.end - TIMEFRAMES[job.timeframe]
        settings["timerange"] = f"{int(window.start.timestamp())}-{int(last.timestamp())}"
    return settings


def backtest(job: Job, window: Window, scratch: Path) -> BacktestResult:
    """The closed trades of one window; a strategy that raises anywhere, callbacks included, is a failure."""
    heard = _Complaints()
    try:
        config = loader.configuration(
            Path(job.strategy_dir),
            job.class_name,
            settings_for(job, window),
            data_dir=Path(job.data_dir),
            scratch=scratch,
        )
        logging.getLogger("freqtrade.strategy.strategy_wrapper").addHandler(heard)
        loader.make_importable(Path(job.strategy_dir))
        exchange = offline.offline_exchange(config, offline.read_markets(Path(job.markets)))
        try:
            engine = Backtesting(config, exchange)
        except Exception:
            loader.resolve(dict(config), Path(job.strategy_dir))
            raise
        candles, timerange = engine.load_bt_data()
        strategy = engine.strategylist[0]
        began, _ = engine.backtest_one_strategy(strategy, candles, timerange)
        trades = tuple(closed_trade(trade) for trade in LocalTrade.bt_trades)
        balance = float(engine.wallets.get_total(job.account.stake_currency))
    except Exception as error:
        return BacktestResult(window.name, failure=failure(error, job.strategy_dir))
    if heard.first is not None:
        return BacktestResult(window.name, failure=heard.first_in(job.strategy_dir))
    return BacktestResult(window.name, trades, balance, _utc(began))


def closed_trade(trade: LocalTrade) -> ClosedTrade:
    """A freqtrade trade in the domain's words, with every filled order."""
    return ClosedTrade(
        pair=trade.pair,
        opened_at=_utc(trade.open_date_utc),
        closed_at=_utc(trade.close_date_utc),
        open_rate=float(trade.open_rate),
        close_rate=float(trade.close_rate or 0.0),
        amount=float(trade.amount),
        stake=float(trade.stake_amount),
        fee_open_ratio=float(trade.fee_open),
        fee_close_ratio=float(trade.fee_close or 0.0),
        profit=float(trade.close_profit_abs or 0.0),
        profit_ratio=float(trade.close_profit or 0.0),
        enter_tag=str(trade.enter_tag or ""),
        exit_reason=str(trade.exit_reason or ""),
        fills=tuple(_fill(order) for order in trade.orders if order.safe_filled > 0),
    )


def _fill(order: Order) -> Fill:
    at = order.order_filled_date or order.order_date
    side = "buy" if order.ft_order_side == "buy" else "sell"
    return Fill(side, _utc(at), float(order.safe_price), float(order.safe_filled))


def _utc(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("freqtrade returned a trade without a date")
    moment = datetime.fromtimestamp(at.replace(tzinfo=at.tzinfo or UTC).timestamp(), UTC)
    return moment + timedelta(0)


def failure(error: BaseException, strategy_dir: str) -> Failure:
    """What was raised, and the innermost line of the strategy's own code that it passed through."""
    cause = error.__cause__ if type(error).__name__ == "StrategyError" and error.__cause__ else error
    file, line = "", 0
    if isinstance(cause, SyntaxError) and cause.filename and cause.filename.startswith(strategy_dir):
        file, line = _relative(cause.filename, strategy_dir), cause.lineno or 0
    for frame in traceback.extract_tb(cause.__traceback__):
        if frame.filename.startswith(strategy_dir):
            file, line = _relative(frame.filename, strategy_dir), frame.lineno or 0
    return Failure(type(cause).__name__, str(cause)[:2000], file, line)


def _relative(path: str, strategy_dir: str) -> str:
    return path[len(strategy_dir) :].lstrip("/")


class _Complaints(logging.Handler):
    """Hears freqtrade's safe wrapper, which logs an exception of a callback and carries on with a default."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.first: tuple[BaseException | None, str] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self.first is None:
            self.first = (sys.exc_info()[1], record.getMessage())

    def first_in(self, strategy_dir: str) -> Failure:
        assert self.first is not None
        error, message = self.first
        return failure(error, strategy_dir) if error is not None else Failure("StrategyError", message[:2000])
