"""A strategy analysed over some of its candles, as if there were no others: every pair and every timeframe ends at the same moment."""

import copy
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from freqtrade.data.dataprovider import DataProvider
from freqtrade.data.history import load_pair_history
from freqtrade.data.history.datahandlers.idatahandler import IDataHandler
from freqtrade.enums import CandleType
from freqtrade.exchange import Exchange, timeframe_to_seconds
from freqtrade.strategy.interface import IStrategy
from freqtrade.wallets import Wallets

from pipeline.adapters.freqtrade import analysis, loader, offline
from pipeline.adapters.freqtrade.backtest import settings_for
from pipeline.domain.job import Job


@dataclass(frozen=True, slots=True)
class Span:
    """The candles that open at `start` or later and have closed by `end`."""

    start: pd.Timestamp
    end: pd.Timestamp


@dataclass(frozen=True, slots=True)
class World:
    """A fresh strategy that knows the candles of a span and nothing else.

    `frames` are analysed, by pair; `indicators` the same before there were signals. `provider` is what the strategy asks for candles.
    """

    span: Span
    strategy: IStrategy
    provider: "CutProvider"
    indicators: dict[str, pd.DataFrame]
    frames: dict[str, pd.DataFrame]


class Ground:
    """Everything that worlds are made of: a job's configuration, exchange and candles.

    Args:
        job: the strategy and its data.
        pairs: those that are analysed; the others are there for a strategy to look at.
        scratch: an empty folder for freqtrade's user directory.
    """

    def __init__(self, job: Job, pairs: tuple[str, ...], scratch: Path) -> None:
        self.pairs, self.timeframe = pairs, job.timeframe
        self.step = timedelta(seconds=timeframe_to_seconds(job.timeframe))
        self._job, self._folder = job, Path(job.strategy_dir)
        self._config = loader.configuration(
            self._folder, job.class_name, settings_for(job), data_dir=Path(job.data_dir), scratch=scratch
        )
        self._exchange = offline.offline_exchange(self._config, offline.read_markets(Path(job.markets)))
        self._config.setdefault("candle_type_def", CandleType.SPOT)
        # Nothing of the strategy is among them: this is the first time that it is loaded in this process.
        self._known_modules = frozenset(sys.modules)
        self._files: dict[tuple[str, str, str], pd.DataFrame] = {}

    @cached_property
    def startup(self) -> int:
        """The strategy's start-up candles."""
        return int(self._load()[0].startup_candle_count)

    @cached_property
    def wallets(self) -> Wallets:
        """The account as it is before the first trade."""
        return Wallets(self._config, self._exchange, is_backtest=True)

    def candles(self, pair: str, timeframe: str, candle_type: str = "") -> pd.DataFrame:
        """All candles of a file, read once; empty where there is no such file."""
        key = (pair, timeframe, str(candle_type))
        if key not in self._files:
            kind = CandleType.from_string(candle_type) if candle_type else self._config["candle_type_def"]
            with disk_ends(None):
                self._files[key] = load_pair_history(
                    pair=pair,
                    timeframe=timeframe,
                    datadir=self._config["datadir"],
                    data_format=self._config["dataformat_ohlcv"],
                    candle_type=kind,
                )
        return self._files[key]

    def within(self, span: Span, pair: str) -> pd.DataFrame:
        """The candles of a pair in a span, at the strategy's timeframe."""
        return cut(self.candles(pair, self.timeframe), self.timeframe, span)

    def world(self, span: Span) -> World:
        """Analyse a span as a backtest does: indicators of every pair first, then signals.

        Raises:
            whatever the strategy raises.
        """
        with disk_ends(span.end):
            strategy, config = self._load()
            provider = CutProvider(config, self._exchange, self, span)
            strategy.dp, strategy.wallets = provider, self.wallets
            strategy.ft_bot_start()
            indicators = {pair: analysis.indicators(strategy, pair, self.within(span, pair)) for pair in self.pairs}
            frames = {pair: analysis.signals(strategy, pair, frame) for pair, frame in indicators.items()}
        for pair, frame in frames.items():
            provider._set_cached_df(pair, self.timeframe, frame, config["candle_type_def"])
        return World(span, strategy, provider, indicators, frames)

    def _load(self) -> tuple[IStrategy, dict[str, Any]]:
        """The strategy from its files, with nothing left over from another analysis: class, modules and instance are new."""
        for name in set(sys.modules) - self._known_modules:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(f"{self._folder}/"):
                del sys.modules[name]
        config = copy.deepcopy(self._config)
        strategy = loader.resolve(config, self._folder)
        config["startup_candle_count"] = int(strategy.startup_candle_count)
        return strategy, config


class CutProvider(DataProvider):  # type: ignore[misc]  # freqtrade is untyped
    """freqtrade's DataProvider over files from which the candles outside of a span were cut off.

    Candles of another timeframe begin as many candles before the first tradable one as the strategy has start-up candles, as in a backtest,
    and are there only if they have closed by the end of the span, as in a bot.
    """

    def __init__(self, config: dict[str, Any], exchange: Exchange, ground: Ground, span: Span) -> None:
        self._ground, self._span, self._startup = ground, span, int(config["startup_candle_count"])
        super().__init__(config, exchange, analysis.Whitelist(list(ground._job.pairs)))

    def historic_ohlcv(self, pair: str, timeframe: str, candle_type: str = "") -> pd.DataFrame:
        """What freqtrade would read from disk if the files ended with the span."""
        first_traded = self._span.start + self._startup * self._ground.step
        begin = first_traded - self._startup * timedelta(seconds=timeframe_to_seconds(timeframe))
        return cut(self._ground.candles(pair, timeframe, candle_type), timeframe, replace(self._span, start=begin))


_ohlcv_load = IDataHandler.ohlcv_load


@contextmanager
def disk_ends(end: pd.Timestamp | None) -> Iterator[None]:
    """While this lasts, whatever freqtrade reads from candle files has closed by `end`; None for no end.

    A strategy may read them past its DataProvider, with freqtrade's own functions.
    """

    def load(handler: IDataHandler, pair: str, timeframe: str, *arguments: Any, **options: Any) -> pd.DataFrame:
        candles = _ohlcv_load(handler, pair, timeframe, *arguments, **options)
        return candles if end is None else cut(candles, timeframe, Span(pd.Timestamp(0, tz="UTC"), end))

    before = IDataHandler.ohlcv_load
    IDataHandler.ohlcv_load = load
    try:
        yield
    finally:
        IDataHandler.ohlcv_load = before


def cut(candles: pd.DataFrame, timeframe: str, span: Span) -> pd.DataFrame:
    """The candles of a frame that lie in a span, counted from 0."""
    if candles.empty:
        return candles.copy()
    last_opening = span.end - timedelta(seconds=timeframe_to_seconds(timeframe))
    dates = candles["date"]
    first, end = dates.searchsorted(span.start, "left"), dates.searchsorted(last_opening, "right")
    return candles.iloc[int(first) : int(end)].reset_index(drop=True)
