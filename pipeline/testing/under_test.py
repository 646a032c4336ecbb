"""The strategy as its tests hold it: shown a market, it answers with freqtrade's signals; asked about a trade, with freqtrade's exits."""

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from freqtrade.persistence import disable_database_use
from freqtrade.strategy.interface import IStrategy

from pipeline.adapters.freqtrade.analysis import PAIR, analyse, give
from pipeline.adapters.freqtrade.loader import load_strategy
from pipeline.domain.scenarios import START_PRICE, Drawn, Scenario, draw, flat
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.testing.position import Position
from pipeline.testing.signals import Signals

FEWEST_STARTUP = 50
"""Quiet candles before every scenario, for strategies that ask for fewer."""


class UnderTest:
    """A freshly loaded strategy. What is not here (`stoploss`, `minimal_roi`, a method of yours) is the strategy's own."""

    def __init__(self, strategy: IStrategy) -> None:
        self.strategy = strategy

    def __repr__(self) -> str:
        return f"<strategy {self.strategy.get_strategy_name()}>"

    def __getattr__(self, name: str) -> Any:
        if name == "strategy":  # not there yet while a copy is being made
            raise AttributeError(name)
        return getattr(self.strategy, name)

    def on(
        self,
        market: Scenario,
        *,
        pair: str = PAIR,
        others: Mapping[str, Scenario] | None = None,
        price: float = START_PRICE,
    ) -> Signals:
        """The signals that the strategy gives on a market, after enough quiet candles to settle its indicators.

        Args:
            market: `trend(0.3, 200) + crash(0.2, 10)`.
            pair: whose candles these are.
            others: markets of other pairs that the strategy looks at; a pair that is not named moves as the first does.
            price: at which the market begins.
        """
        drawn = self._draw(market, price)
        candles = {
            pair: drawn.frame,
            **{name: self._draw(other, START_PRICE).frame for name, other in (others or {}).items()},
        }
        analysed = self._analysed(candles, pair)
        return Signals(market, drawn, analysed, partial(self._position, pair, analysed))

    def holding(self, at: float = START_PRICE, *, candles: int = 1, tag: str = "", pair: str = PAIR) -> Position:
        """A trade that was opened `candles` candles ago at the price `at`, in a flat market and without an entry or exit signal now."""
        drawn = self._draw(flat(candles + 1), at)
        analysed = self._analysed({pair: drawn.frame}, pair)
        return self._position(pair, analysed.assign(enter_long=0, exit_long=0), at=at, candles=candles, tag=tag)

    def _analysed(self, candles: Mapping[str, pd.DataFrame], pair: str) -> pd.DataFrame:
        """One pair's frame with indicators and signals, which callbacks find in the DataProvider too."""
        provider = give(self.strategy, candles)
        analysed = analyse(self.strategy, pair, candles[pair])
        provider._set_cached_df(pair, self.strategy.timeframe, analysed, self.strategy.config["candle_type_def"])
        provider._set_dataframe_max_index(pair, len(analysed))
        return analysed

    def _draw(self, market: Scenario, price: float) -> Drawn:
        startup = max(int(self.strategy.startup_candle_count), FEWEST_STARTUP)
        return draw(market, self.strategy.timeframe, startup=startup, price=price)

    def _position(self, pair: str, analysed: pd.DataFrame, *, at: float, candles: int, tag: str) -> Position:
        length = TIMEFRAMES[self.strategy.timeframe]
        now = analysed["date"].iloc[-1].to_pydatetime() + length
        return Position(self.strategy, pair, analysed, at=at, opened_at=now - candles * length, now=now, tag=tag)


def load(folder: Path, class_name: str, *, timeframe: str = "") -> UnderTest:
    """The strategy as gate and bot load it, parameters file included; `timeframe` overrides the class's.

    Raises:
        whatever importing it raises.
    """
    logging.getLogger("freqtrade").setLevel(logging.WARNING)
    loaded = load_strategy(folder, class_name, timeframe=timeframe)
    disable_database_use(loaded.timeframe)
    return UnderTest(loaded)
