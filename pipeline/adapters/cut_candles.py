"""Folders of candle files that end at a moment, for replays that must not know more."""

from pathlib import Path

from pipeline.adapters.feather import read_candles, write_candles
from pipeline.domain.intake import pair_and_timeframe
from pipeline.domain.replay import Cut, cut_candles
from pipeline.domain.timeframes import TIMEFRAMES


def write_cut(data_dir: Path, cut: Cut, into: Path) -> None:
    """Write every candle file of a folder as it was at a cut; `into` is made. A pair that did not trade yet gets no file."""
    into.mkdir(parents=True)
    for path in sorted(data_dir.glob("*.feather")):
        pair, timeframe = pair_and_timeframe(path.name)
        known = cut_candles(read_candles(path), TIMEFRAMES[timeframe], cut, pair)
        if len(known):
            write_candles(known, into / path.name)
