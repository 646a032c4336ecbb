"""Looks a data set over from end to end: every file against the manifest, and what the candles themselves say."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.adapters.feather import Unreadable, read_candles
from pipeline.adapters.market_snapshot import read_markets
from pipeline.domain.candles import COLUMNS, Units, digest_candles
from pipeline.domain.canonical import Plain, digest
from pipeline.domain.dataset import MARKETS_FILE, CandleFile, DataProblem, Manifest, Severity
from pipeline.domain.markets import market_problems, units_of
from pipeline.domain.soundness import candle_problems, column_problems, disagreement, off_grid_problems
from pipeline.domain.timeframes import source_timeframe


def inspect(root: Path, manifest: Manifest) -> tuple[DataProblem, ...]:
    """Every problem of the set in this folder, by file."""
    markets, problems = _markets(root, manifest)
    sound: dict[tuple[str, str], pd.DataFrame] = {}
    for file in manifest.files:
        frame, found = _file(root, manifest, file, markets)
        problems += found
        if frame is not None:
            sound[file.pair, file.timeframe] = frame
    problems += _disagreements(manifest, markets, sound)
    listed = {file.path for file in manifest.files}
    problems += [
        DataProblem(path.name, "the manifest does not list this candle file")
        for path in sorted(root.glob("*.feather"))
        if path.name not in listed
    ]
    return tuple(problems)


def _markets(root: Path, manifest: Manifest) -> tuple[dict[str, Plain], list[DataProblem]]:
    try:
        markets = read_markets(root / MARKETS_FILE)
    except Unreadable as error:
        return {}, [DataProblem(MARKETS_FILE, str(error))]
    problems = list(market_problems(markets, manifest.pairs))
    if digest(markets) != manifest.markets_sha256:
        problems.insert(0, DataProblem(MARKETS_FILE, "it differs from the snapshot that the manifest describes"))
    return markets, problems


def _file(
    root: Path, manifest: Manifest, file: CandleFile, markets: dict[str, Plain]
) -> tuple[pd.DataFrame | None, list[DataProblem]]:
    """The candles, if they are sound enough to be compared with others, and what is wrong with them."""
    try:
        frame = read_candles(root / file.path)
    except Unreadable as error:
        return None, [DataProblem(file.path, str(error))]
    problems = list(column_problems(file.path, frame))
    if problems:
        return None, problems
    problems += candle_problems(file.path, frame, file.timeframe, file.known_gaps, manifest.taken_at)
    errors = any(problem.severity is Severity.ERROR for problem in problems)
    problems += _against_manifest(manifest, file, frame)
    units = _units(markets, file.pair)
    if units is None or not _hashable(frame):
        return None, problems
    actual = digest_candles(frame, units)
    if actual != file.sha256:
        problems.append(DataProblem(file.path, _changed(manifest, file, actual)))
    else:
        problems += off_grid_problems(file.path, frame, units)
    return (None if errors else frame), problems


def _against_manifest(manifest: Manifest, file: CandleFile, frame: pd.DataFrame) -> list[DataProblem]:
    problems = []
    if len(frame) != file.rows:
        problems.append(DataProblem(file.path, f"it holds {len(frame)} candles, the manifest says {file.rows}"))
    for what, actual, written in (
        ("first", frame["date"].iloc[0], file.first),
        ("last", frame["date"].iloc[-1], file.last),
    ):
        if actual != written:
            problems.append(
                DataProblem(
                    file.path,
                    f"its {what} candle opens at {actual:%Y-%m-%d %H:%M}, the manifest says {written:%Y-%m-%d %H:%M}",
                )
            )
    return problems


def _changed(manifest: Manifest, file: CandleFile, actual: str) -> str:
    other = next((entry for entry in manifest.files if entry.sha256 == actual), None)
    if other is not None:
        return f"it holds the candles of {other.path}: the files were swapped"
    return f"its candles differ from the ones that the manifest describes: {actual} instead of {file.sha256}"


def _disagreements(
    manifest: Manifest, markets: dict[str, Plain], sound: dict[tuple[str, str], pd.DataFrame]
) -> list[DataProblem]:
    problems: list[DataProblem] = []
    for (pair, timeframe), frame in sound.items():
        others = frozenset(other for whose, other in sound if whose == pair and other != timeframe)
        shorter = source_timeframe(timeframe, others)
        units = _units(markets, pair)
        longer, other = manifest.file(pair, timeframe), manifest.file(pair, shorter or "")
        if shorter and units and longer and other:
            problems += disagreement(longer.path, frame, timeframe, other.path, sound[pair, shorter], shorter, units)
    return problems


def _units(markets: dict[str, Plain], pair: str) -> Units | None:
    try:
        return units_of(markets, pair)
    except ValueError:
        return None


def _hashable(frame: pd.DataFrame) -> bool:
    return bool(np.isfinite(frame[list(COLUMNS[1:])].to_numpy(np.float64)).all())
