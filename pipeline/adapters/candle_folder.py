"""A folder of candle files as freqtrade leaves them, with a market snapshot beside them or not."""

from datetime import UTC, datetime
from pathlib import Path

from pipeline.adapters.feather import Unreadable, read_candles
from pipeline.adapters.market_snapshot import read_markets
from pipeline.domain.canonical import Plain
from pipeline.domain.dataset import MANIFEST_FILE, MARKETS_FILE, DataProblem
from pipeline.domain.intake import Found, FoundFile, pair_and_timeframe
from pipeline.errors import Refused, UsageError

_OTHER_FORMATS = (".json", ".json.gz", ".parquet", ".h5", ".hdf", ".hdf5", ".csv")
_TRADES = "-trades.feather"


def read_folder(folder: Path, markets: Path | None = None) -> Found:
    """Everything that a folder holds (not what its sub-folders hold); `markets` is a snapshot that lies elsewhere.

    Raises:
        UsageError: there is no such folder.
        Refused: it is a data set already; taking it in again could make a simulated market look like an imported one.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="name the folder that holds files such as BTC_USDT-1h.feather")
    if (folder / MANIFEST_FILE).exists():
        raise Refused(
            f"{folder} is a data set already", hint=f"freqtrain gate --dataset {folder} judges on it as it is"
        )
    files: list[FoundFile] = []
    problems: list[DataProblem] = []
    left_aside: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name == MARKETS_FILE or path.name.startswith(".") or not path.is_file():
            continue
        if path.name.endswith(_OTHER_FORMATS) and "-" in path.name:
            problems.append(
                DataProblem(
                    path.name,
                    "only feather files are taken in; freqtrade convert-data makes them (--format-to feather)",
                )
            )
        elif not path.name.endswith(".feather") or path.name.endswith(_TRADES):
            left_aside.append(path.name)
        else:
            try:
                pair, timeframe = pair_and_timeframe(path.name)
                written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                files.append(FoundFile(path.name, pair, timeframe, read_candles(path), written_at))
            except (ValueError, Unreadable) as error:
                problems.append(DataProblem(path.name, str(error)))
    snapshot, of_snapshot = _snapshot(markets or folder / MARKETS_FILE, demanded=markets is not None)
    return Found(tuple(files), snapshot, (*problems, *of_snapshot), tuple(left_aside))


def _snapshot(path: Path, *, demanded: bool) -> tuple[dict[str, Plain] | None, tuple[DataProblem, ...]]:
    if not path.exists() and not demanded:
        return None, ()
    try:
        return read_markets(path), ()
    except Unreadable as error:
        return None, (DataProblem(path.name, str(error)),)
