"""Small data sets for tests, and ways to spoil them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.adapters.datasets import DataSet
from pipeline.adapters.feather import read_candles, write_candles
from pipeline.domain.contents import Contents
from pipeline.domain.dataset import MANIFEST_FILE
from pipeline.domain.market import simulated
from pipeline.wiring.data import data_sets

PAIRS = ("BTC/USDT", "ETH/USDT")


@cache
def small_contents(seed: int = 1, days: int = 4) -> Contents:
    """Two pairs and a few days."""
    return simulated(seed, PAIRS, days)


def small_set(folder: Path, seed: int = 1, days: int = 4) -> DataSet:
    """The same on disk, in a folder that does not exist yet."""
    return data_sets().write(small_contents(seed, days), folder)


def bare_folder(folder: Path, seed: int = 1) -> Path:
    """The same candles and snapshot as somebody has them who knows of no manifest."""
    root = small_set(folder, seed).root
    (root / MANIFEST_FILE).unlink()
    return root


def spoil(root: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change the candles of a file and nothing else."""
    path = root / name
    write_candles(change(read_candles(path)), path)


def with_value(row: int, column: str, value: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Candles with one number replaced."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        changed = frame.copy()
        changed.loc[changed.index[row], column] = value
        return changed

    return change


def without(*rows: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Candles without some rows."""
    return lambda frame: frame.drop(frame.index[list(rows)]).reset_index(drop=True)


def in_order(rows: list[int]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """The first candles in another order, or more than once; the others follow as they were."""
    return lambda frame: frame.iloc[[*rows, *np.arange(max(rows) + 1, len(frame))]].reset_index(drop=True)
