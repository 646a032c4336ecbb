"""Candle files in freqtrade's feather layout."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import feather

from pipeline.domain.candles import COLUMNS


class Unreadable(Exception):
    """The file is no feather file, or only a part of one; the message is a sentence without the file's name."""


def read_candles(path: Path) -> pd.DataFrame:
    """The table of a file, whatever its columns are.

    Raises:
        Unreadable: it is missing, truncated or something else.
    """
    try:
        frame: pd.DataFrame = feather.read_table(path, use_threads=False, memory_map=False).to_pandas()
    except FileNotFoundError:
        raise Unreadable("the file is missing") from None
    except IsADirectoryError:
        raise Unreadable("it is a folder, not a file") from None
    except PermissionError:
        raise Unreadable("reading it is not permitted") from None
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        raise Unreadable(f"it is no whole feather file ({path.stat().st_size} bytes): truncated or damaged") from None
    return frame


def write_candles(frame: pd.DataFrame, path: Path) -> None:
    """Write candles as freqtrade does: its columns in its order, lz4."""
    table = frame.loc[:, list(COLUMNS)].reset_index(drop=True)
    table.to_feather(path, compression="lz4", compression_level=9)
