"""`freqtrain data pull`: an exchange's history becomes a data set."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.domain.dataset import MARKETS_FILE, PULLED, candle_path
from pipeline.domain.intake import Found
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.errors import Refused, ToolFailed, UsageError
from pipeline.flows.data_import import Imported, import_folder
from pipeline.ports import Clock, DataSets, Downloads, Narrator


def pull(
    exchange: str,
    pairs: Sequence[str],
    timeframes: Sequence[str],
    days: int,
    out: Path,
    *,
    name: str,
    downloads: Downloads,
    read: Callable[[Path], Found],
    sets: DataSets,
    clock: Clock,
    narrator: Narrator,
    scratch: Path,
) -> Imported:
    """Download into `scratch` (the caller removes it), look over, write.

    Raises:
        UsageError: a timeframe that is not known.
        ToolFailed: the exchange could not be reached, or sent no candles for something that was asked for.
        Refused: it does not know a pair; the candles are not sound; or `out` holds something else.
    """
    unknown = [timeframe for timeframe in timeframes if timeframe not in TIMEFRAMES]
    if unknown:
        raise UsageError(f"{', '.join(unknown)} is no known timeframe; known are {', '.join(TIMEFRAMES)}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(
            f"{out} exists and is not empty", hint="choose a new folder for --out: each pull is a data set of its own"
        )
    began = clock.now()
    narrator.say(
        f"downloading {days} days of {', '.join(pairs)} in {', '.join(timeframes)} from {exchange}; this can take a while"
    )
    folder = downloads.download(exchange, pairs, timeframes, days, scratch)
    found = read(folder)
    came = {file.path for file in found.files}
    missing = [
        candle_path(pair, timeframe)
        for pair in pairs
        for timeframe in timeframes
        if candle_path(pair, timeframe) not in came
    ]
    if missing and not found.problems:
        raise ToolFailed(
            f"{exchange} sent no candles for {', '.join(missing)}", hint="leave these out, or ask for other days"
        )
    if found.markets is None and not found.problems:
        raise ToolFailed(f"{exchange} sent no {MARKETS_FILE}")
    notes = (f"downloaded from {exchange} with freqtrade, {days} days back from {began:%Y-%m-%d %H:%M} UTC",)
    return import_folder(
        lambda: found, out, sets, taken_at=began, name=name, exchange=exchange, kind=PULLED, notes=notes
    )
