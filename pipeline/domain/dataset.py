"""A data set: candle files in freqtrade's feather layout, a frozen market snapshot, and the manifest that names them by digest."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.domain.canonical import digest

SCHEMA = 1
SIMULATED = "simulated"
IMPORTED = "imported"
PULLED = "pulled"
SIMULATED_NOTE = "simulated: proves the train, not the strategy"
MANIFEST_FILE = "manifest.yml"
MARKETS_FILE = "markets.json"


@dataclass(frozen=True, slots=True)
class Gap:
    """Candles that an exchange did not have: opening times (aware UTC) of the first and last missing one, and how many they are."""

    first: datetime
    last: datetime
    candles: int


@dataclass(frozen=True, slots=True)
class CandleFile:
    """One pair and timeframe.

    `first` and `last` are the opening times (aware UTC) of the first and last candle; `sha256` is taken over canonical columns at the
    exchange's precision, so that it does not depend on the machine or on how feather was compressed. `known_gaps` were there when the
    file was taken in, and accepted.
    """

    path: str
    pair: str
    timeframe: str
    rows: int
    first: datetime
    last: datetime
    sha256: str
    known_gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a data set holds.

    `kind` is simulated, imported or pulled; `notes` names every assumption, such as default market limits; `taken_at` (aware UTC) is when
    the candles left their exchange, or the end of a simulated market: a candle that closes later was not closed.
    """

    name: str
    kind: str
    exchange: str
    markets_sha256: str
    files: tuple[CandleFile, ...]
    notes: tuple[str, ...] = ()
    taken_at: datetime | None = None
    schema: int = SCHEMA

    @property
    def digest(self) -> str:
        """Names the data set by its content: candles and markets and what kind they are; not its name, its notes, or when it was made."""
        files = sorted(self.files, key=lambda f: (f.pair, f.timeframe))
        return digest(
            {
                "schema": self.schema,
                "exchange": self.exchange,
                "kind": self.kind,
                "markets": self.markets_sha256,
                "files": files,
            }
        )

    @property
    def simulated(self) -> bool:
        return self.kind == SIMULATED

    @property
    def pairs(self) -> tuple[str, ...]:
        return tuple(sorted({file.pair for file in self.files}))

    @property
    def timeframes(self) -> frozenset[str]:
        return frozenset(file.timeframe for file in self.files)

    def file(self, pair: str, timeframe: str) -> CandleFile | None:
        """The candles of a pair and timeframe, if the set has them."""
        return next((file for file in self.files if (file.pair, file.timeframe) == (pair, timeframe)), None)


class Severity(StrEnum):
    """Whether a gate may run in spite of a problem."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class DataProblem:
    """One thing wrong with a data set, in a plain sentence.

    `path` is the file within the set; `row` counts candles from 0 and `at` is that candle's opening time (aware UTC), both None where the
    file as a whole is meant.
    """

    path: str
    message: str
    severity: Severity = Severity.ERROR
    row: int | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        place = "" if self.row is None else f" row {self.row}"
        time = "" if self.at is None else f" ({self.at:%Y-%m-%d %H:%M} UTC)"
        return f"{self.path}{place}{time}: {self.message}"


def candle_path(pair: str, timeframe: str) -> str:
    """freqtrade's name for the feather file of a spot pair: `BTC_USDT-1h.feather`."""
    return f"{pair.replace('/', '_')}-{timeframe}.feather"
