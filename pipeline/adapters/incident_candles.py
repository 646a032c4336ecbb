"""The candles of an incident's time, cut out of the data sets that the device has, with what strategies need before them."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pandas as pd

from pipeline.adapters.datasets import DataSet
from pipeline.adapters.feather import Unreadable, read_candles, write_candles
from pipeline.adapters.incident_parts import Parts
from pipeline.domain.dataset import MARKETS_FILE, CandleFile
from pipeline.domain.incident import LeftOut, safe_name
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.train.steps import short

WARM_UP = 500
"""Candles before the time itself: what indicators begin with."""


def candles(parts: Parts, sets: Sequence[DataSet], pairs: Collection[str], until: datetime) -> None:
    """Put what each set has of these pairs between the incident's begin and `until` into the parts, with its markets."""
    for one in sets:
        folder = f"candles/{safe_name(one.manifest.name)[:100]}-{short(one.manifest.digest)}"
        chosen = [file for file in one.manifest.files if file.pair in pairs]
        cut = sum(_cut(parts, one, file, f"{folder}/{file.path}", until) for file in chosen)
        if cut:
            parts.put(f"{folder}/{MARKETS_FILE}", one.markets_path.read_bytes())
        else:
            ends = f" it ends {max(file.last for file in chosen):%Y-%m-%d %H:%M} UTC," if chosen else ""
            parts.left_out.append(
                LeftOut(
                    folder,
                    f"nothing of the data set is of these pairs and this time:{ends} digest {one.manifest.digest}",
                )
            )


def traded_pairs(databases: Sequence[Path]) -> frozenset[str]:
    """The pairs of all trades in copies of bots' databases and of observations; what is no such database names none."""
    found: set[str] = set()
    for file in databases:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            try:
                found |= {str(pair) for (pair,) in database.execute("SELECT DISTINCT pair FROM trades")}
            except sqlite3.Error:
                continue
    return frozenset(found)


def listed_pairs(configurations: Sequence[Path]) -> frozenset[str]:
    """The pairs that bots' public configurations list, traded or not; a file that cannot be read lists none."""
    found: set[str] = set()
    for file in configurations:
        try:
            found |= {str(pair) for pair in json.loads(file.read_bytes())["exchange"]["pair_whitelist"]}
        except (OSError, ValueError, TypeError, KeyError):
            continue
    return frozenset(found)


def _cut(parts: Parts, one: DataSet, file: CandleFile, path: str, until: datetime) -> bool:
    since = parts.since - WARM_UP * TIMEFRAMES[file.timeframe]
    if file.last < parts.since or not parts.may_hold(path):  # without asking the file: a set may be large
        return False
    try:
        frame = read_candles(one.root / file.path)
        known = frame[(frame["date"] >= pd.Timestamp(since)) & (frame["date"] <= pd.Timestamp(until))]
        if known.empty:
            return False
        aside = parts.folder / path
        aside.parent.mkdir(parents=True, exist_ok=True)
        write_candles(known, aside)
    except (Unreadable, OSError, KeyError, TypeError) as error:
        parts.leave(path, error)
        return False
    parts.files[path] = aside
    return True
