"""What goes into a data set before it is written, and the manifest that names it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from pipeline.domain.candles import digest_candles
from pipeline.domain.canonical import Plain, digest
from pipeline.domain.dataset import CandleFile, Manifest, candle_path
from pipeline.domain.markets import units_of
from pipeline.domain.soundness import gaps_in
from pipeline.domain.timeframes import TIMEFRAMES


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole data set in memory: `candles` by pair and timeframe, and the market snapshot by pair; the rest is as in the manifest."""

    name: str
    kind: str
    exchange: str
    candles: Mapping[tuple[str, str], pd.DataFrame]
    markets: Mapping[str, Plain]
    notes: tuple[str, ...] = ()
    taken_at: datetime | None = None

    def manifest(self) -> Manifest:
        """The manifest of sound candles. Gaps that they have are written down, and thereby accepted."""
        keys = sorted(self.candles, key=lambda key: (key[0], TIMEFRAMES[key[1]]))
        return Manifest(
            name=self.name,
            kind=self.kind,
            exchange=self.exchange,
            markets_sha256=digest(dict(self.markets)),
            files=tuple(self._file(pair, timeframe) for pair, timeframe in keys),
            notes=self.notes,
            taken_at=self.taken_at,
        )

    def _file(self, pair: str, timeframe: str) -> CandleFile:
        frame = self.candles[pair, timeframe]
        return CandleFile(
            path=candle_path(pair, timeframe),
            pair=pair,
            timeframe=timeframe,
            rows=len(frame),
            first=frame["date"].iloc[0].to_pydatetime(),
            last=frame["date"].iloc[-1].to_pydatetime(),
            sha256=digest_candles(frame, units_of(self.markets, pair)),
            known_gaps=gaps_in(frame, timeframe),
        )
