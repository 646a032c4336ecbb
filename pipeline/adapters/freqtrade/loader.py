"""The one loader: gate and bot find a strategy, its parameters file and its local package in the same way."""

import importlib.util
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from freqtrade.commands.optimize_commands import setup_optimize_configuration
from freqtrade.enums import CandleType, RunMode
from freqtrade.exceptions import OperationalException
from freqtrade.resolvers import StrategyResolver
from freqtrade.strategy.interface import IStrategy

from pipeline.domain.strategy import STRATEGY_FILE


def configuration(
    strategy_dir: Path, class_name: str, settings: Mapping[str, Any], *, data_dir: Path, scratch: Path
) -> dict[str, Any]:
    """freqtrade's own finished and validated configuration for one strategy in the backtest's run mode.

    Args:
        strategy_dir: the folder that holds strategy.py and what belongs to it.
        class_name: the strategy's class.
        settings: freqtrade settings; freqtrade's schema checks them.
        data_dir: where the candle files are.
        scratch: an empty folder that freqtrade may take for its user directory.

    Raises:
        OperationalException: freqtrade refuses the settings.
    """
    user_dir = scratch / "user_data"
    for folder in ("strategies", "data", "logs", "backtest_results"):
        (user_dir / folder).mkdir(parents=True, exist_ok=True)
    file = scratch / "config.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    arguments = {
        "config": [str(file)],
        "user_data_dir": str(user_dir),
        "datadir": str(data_dir),
        "strategy": class_name,
        "strategy_path": str(strategy_dir),
        "backtest_cache": "none",
        "export": "none",
        "print_colorized": False,
        "verbosity": 0,
    }
    if settings.get("enable_protections"):
        arguments["enable_protections"] = True
    finished: dict[str, Any] = setup_optimize_configuration(arguments, RunMode.BACKTEST)
    return finished


def resolve(config: dict[str, Any], strategy_dir: Path) -> IStrategy:
    """The strategy as freqtrade's resolver makes it, hyperopt parameters included; its local package stays importable.

    Raises:
        the strategy's own exception where importing it fails (freqtrade would only log it), otherwise freqtrade's OperationalException.
    """
    make_importable(strategy_dir)
    try:
        return StrategyResolver.load_strategy(config)
    except OperationalException:
        _import_alone(strategy_dir / STRATEGY_FILE)
        raise


def make_importable(strategy_dir: Path) -> None:
    """Put the strategy's folder on the import path for good: freqtrade's resolver does so only while it imports the file."""
    if str(strategy_dir) not in sys.path:
        sys.path.insert(0, str(strategy_dir))


def _import_alone(file: Path) -> None:
    """Import the file once more without freqtrade's catch, so that the real exception and its line come out."""
    spec = importlib.util.spec_from_file_location("strategy", file)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


SIGNAL_SETTINGS: dict[str, Any] = {
    "stake_currency": "USDT",
    "stake_amount": 100,
    "dry_run": True,
    "dry_run_wallet": 1000,
    "max_open_trades": 1,
    "dataformat_ohlcv": "feather",
    "exchange": {"name": "binance", "pair_whitelist": ["TEST/USDT"], "pair_blacklist": []},
    "pairlists": [{"method": "StaticPairList"}],
}
"""Enough of a configuration to compute signals; no exchange is made of it."""


def load_strategy(
    strategy_dir: Path, class_name: str, *, timeframe: str = "", config_extra: Mapping[str, Any] | None = None
) -> IStrategy:
    """A strategy that can compute indicators and signals, without an exchange and without candles on disk."""
    settings = {**SIGNAL_SETTINGS, **(config_extra or {})}
    if timeframe:
        settings["timeframe"] = timeframe
    with tempfile.TemporaryDirectory(prefix="freqtrain-signals-") as folder:
        scratch = Path(folder)
        config = configuration(strategy_dir, class_name, settings, data_dir=scratch, scratch=scratch)
        config["candle_type_def"] = CandleType.SPOT
        strategy = resolve(config, strategy_dir)
        config["startup_candle_count"] = strategy.startup_candle_count
        strategy.ft_bot_start()
    return strategy
