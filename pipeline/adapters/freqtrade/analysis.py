"""Indicators and signals of a strategy over candles in memory, computed by freqtrade's own code."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from freqtrade.data.dataprovider import DataProvider
from freqtrade.strategy.interface import IStrategy

from pipeline.domain.scenario_timeframes import at_timeframe

PAIR = "TEST/USDT"
"""The pair whose candles a scenario is, unless another is named."""


class CandlesInMemory(DataProvider):  # type: ignore[misc]  # freqtrade is untyped
    """freqtrade's DataProvider over the candles of a few pairs: other timeframes are made from them.

    A pair without candles of its own moves as the first one does, so that a strategy which looks at Bitcoin finds a market there.
    """

    def __init__(
        self, config: dict[str, Any], candles: Mapping[str, pd.DataFrame], timeframe: str, startup: int
    ) -> None:
        self._candles, self._timeframe, self._startup = dict(candles), timeframe, startup
        self._resampled: dict[tuple[str, str], pd.DataFrame] = {}
        super().__init__(config, None, Whitelist(list(candles)))

    def historic_ohlcv(self, pair: str, timeframe: str, candle_type: str = "") -> pd.DataFrame:
        """What freqtrade would read from disk."""
        owner = pair if pair in self._candles else next(iter(self._candles))
        key = (owner, timeframe)
        if key not in self._resampled:
            self._resampled[key] = at_timeframe(self._candles[owner], self._timeframe, timeframe, startup=self._startup)
        return self._resampled[key].copy()

    def market(self, pair: str) -> dict[str, Any] | None:
        """The parts of ccxt's market that strategies and `@informative` ask for."""
        base, _, quote = pair.partition("/")
        return {"symbol": pair, "base": base, "quote": quote, "spot": True, "active": True}


class Whitelist:
    """The part of freqtrade's pair list manager that a DataProvider asks."""

    def __init__(self, pairs: list[str]) -> None:
        self.whitelist = pairs


def give(strategy: IStrategy, candles: Mapping[str, pd.DataFrame]) -> CandlesInMemory:
    """Let the strategy see these candles (pair -> frame at its timeframe), the first pair's for every pair that is not among them."""
    provider = CandlesInMemory(strategy.config, candles, strategy.timeframe, int(strategy.startup_candle_count))
    strategy.dp = provider
    return provider


def analyse(strategy: IStrategy, pair: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the strategy's indicators and signals.

    Raises:
        MissingReturn: a method of the strategy gave no frame back.
        whatever the strategy raises.
    """
    return signals(strategy, pair, indicators(strategy, pair, frame))


def indicators(strategy: IStrategy, pair: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The first half of `analyse`: the frame with indicators."""
    return _returned(strategy.advise_indicators(frame.copy(), {"pair": pair}), "populate_indicators")


def signals(strategy: IStrategy, pair: str, analysed: pd.DataFrame) -> pd.DataFrame:
    """The second half of `analyse`: a frame that has its indicators, with signals."""
    try:
        return _returned(strategy.ft_advise_signals(analysed.copy(), {"pair": pair}), "populate_exit_trend")
    except AttributeError as error:
        if "'NoneType' object" in str(error) and _raised_by_freqtrade(error):
            raise MissingReturn("populate_entry_trend or populate_exit_trend") from error
        raise


class MissingReturn(Exception):
    """A populate method ended without `return dataframe`."""

    def __init__(self, method: str) -> None:
        super().__init__(f"{method} gave no frame back: is `return dataframe` missing?")


def _returned(frame: object, method: str) -> pd.DataFrame:
    if not isinstance(frame, pd.DataFrame):
        raise MissingReturn(method)
    return frame


def _raised_by_freqtrade(error: BaseException) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("freqtrade.strategy.")


def signalled(analysed: pd.DataFrame, column: str) -> npt.NDArray[np.bool_]:
    """bool (n,): on which candles a signal column such as `enter_long` is set, read as freqtrade's engine reads it (equal to 1)."""
    if column not in analysed:
        return np.zeros(len(analysed), dtype=bool)
    is_set: npt.NDArray[np.bool_] = (pd.to_numeric(analysed[column], errors="coerce") == 1).to_numpy()
    return is_set
