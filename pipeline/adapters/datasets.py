"""Data sets on disk: opened, verified, written whole, and given to freqtrade as a folder of candles."""

import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pandas as pd

from pipeline import ports
from pipeline.adapters.feather import Unreadable, read_candles, write_candles
from pipeline.adapters.folders import replaced_file, set_aside, whole_folder
from pipeline.adapters.inspection import inspect
from pipeline.adapters.market_snapshot import read_markets
from pipeline.domain.candles import Units, resample
from pipeline.domain.canonical import Plain, plain
from pipeline.domain.contents import Contents
from pipeline.domain.dataset import MANIFEST_FILE, MARKETS_FILE, DataProblem, Manifest, candle_path
from pipeline.domain.markets import units_of
from pipeline.domain.timeframes import TIMEFRAMES, source_timeframe
from pipeline.errors import Refused, UsageError


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set in a folder. Opening reads the manifest alone; what its files hold is believed only after `DataSets.verify`."""

    root: Path
    manifest: Manifest

    @property
    def markets_path(self) -> Path:
        """The frozen market snapshot."""
        return self.root / MARKETS_FILE

    def markets(self) -> dict[str, Plain]:
        """The snapshot: pair -> ccxt's unified market.

        Raises:
            Refused: it is missing or no JSON object.
        """
        try:
            return read_markets(self.markets_path)
        except Unreadable as error:
            raise Refused(f"{self.markets_path}: {error}", hint=self._hint()) from error

    def units(self, pair: str) -> Units:
        """What a pair is counted in; raises Refused where the snapshot does not say."""
        try:
            return units_of(self.markets(), pair)
        except ValueError as error:
            raise Refused(f"{self.markets_path}: {error}", hint=self._hint()) from error

    def frame(self, pair: str, timeframe: str) -> pd.DataFrame:
        """The candles of a pair in freqtrade's columns, added up from shorter ones where the set has none of this length.

        Raises:
            UsageError: the set has no such pair, and no candles that add up to the timeframe; the message names what it has.
            Refused: the file is missing or damaged.
        """
        source = self._source(pair, timeframe)
        try:
            frame = read_candles(self.root / candle_path(pair, source))
        except Unreadable as error:
            raise Refused(f"{self.root / candle_path(pair, source)}: {error}", hint=self._hint()) from error
        if source == timeframe:
            return frame
        return resample(frame, TIMEFRAMES[source], TIMEFRAMES[timeframe], self.units(pair))

    def derive(self, timeframes: Iterable[str], cache_dir: Path) -> Path:
        """A folder below the cache with freqtrade's candle files of these timeframes for every pair, and nothing else.

        Files that the set has are hard links (copies on another file system); what it lacks is added up from the longest candles that fit.
        The folder is named by content, and every file is made anew: nothing that lay there is believed. Two processes may do so at once.

        Raises:
            UsageError: a timeframe that no candles of the set add up to; the message names what it has.
        """
        wanted = sorted(set(timeframes), key=lambda name: (TIMEFRAMES.get(name, timedelta()), name))
        files = {
            candle_path(pair, timeframe): (pair, timeframe) for timeframe in wanted for pair in self.manifest.pairs
        }
        for pair, timeframe in files.values():
            self._source(pair, timeframe)
        folder = cache_dir / f"candles-{self.manifest.digest.removeprefix('sha256:')[:16]}-{'-'.join(wanted)}"
        folder.mkdir(parents=True, exist_ok=True)
        for extra in folder.iterdir():
            if extra.name not in files and not extra.name.startswith("."):
                extra.unlink()
        for path, (pair, timeframe) in files.items():
            with replaced_file(folder / path) as part:
                if self.manifest.file(pair, timeframe):
                    _link(self.root / path, part)
                else:
                    write_candles(self.frame(pair, timeframe), part)
        return folder

    def _source(self, pair: str, timeframe: str) -> str:
        """The stored timeframe that the wanted one is made of."""
        if pair not in self.manifest.pairs:
            raise UsageError(
                f"the data set {self.manifest.name} has no candles of {pair}; it has {', '.join(self.manifest.pairs)}"
            )
        available = frozenset(file.timeframe for file in self.manifest.files if file.pair == pair)
        source = source_timeframe(timeframe, available)
        if source is None:
            lacks = (
                f"no candles of {pair} that add up to {timeframe}"
                if timeframe in TIMEFRAMES
                else f"no timeframe {timeframe!r}"
            )
            raise UsageError(
                f"the data set {self.manifest.name} has {lacks}; of {pair} it has {', '.join(_in_order(available))}",
                hint=f"choose one of {', '.join(name for name in TIMEFRAMES if source_timeframe(name, available))}",
            )
        return source

    def _hint(self) -> str:
        return f"freqtrain data verify {self.root}"


@dataclass(frozen=True, slots=True)
class DataSets:
    """Opens, verifies and writes data sets; `read_manifest` and `manifest_text` are the manifest's two directions."""

    read_manifest: Callable[[Path], Manifest]
    manifest_text: Callable[[Manifest], str]
    _verified: dict[object, tuple[DataProblem, ...]] = field(default_factory=dict, repr=False)

    def open(self, root: Path) -> DataSet:
        """The data set in a folder.

        Raises:
            UsageError: there is no data set.
            ConfigError: its manifest is wrong.
        """
        if not root.is_dir():
            raise UsageError(f"{root} is no folder", hint="name a folder that holds a data set, with its manifest.yml")
        if not (root / MANIFEST_FILE).is_file():
            hint = f"freqtrain data import {root} --out NEW_FOLDER takes candle files in"
            raise UsageError(f"{root} is no data set: it has no {MANIFEST_FILE}", hint=hint)
        return DataSet(root, self.read_manifest(root / MANIFEST_FILE))

    def verify(self, dataset: ports.Candles) -> tuple[DataProblem, ...]:
        """Everything wrong with a data set, errors and warnings; looked at once a process as long as its files stay as they are."""
        key = (dataset.manifest.digest, *_fingerprint(dataset.root))
        if key not in self._verified:
            self._verified[key] = inspect(dataset.root, dataset.manifest)
        return self._verified[key]

    def write(self, contents: Contents, out: Path) -> DataSet:
        """Write a data set into a folder that does not exist yet or is empty; it appears whole or not at all.

        Raises:
            FileExistsError: something is there.
            OSError: the disk.
        """
        manifest = contents.manifest()
        with whole_folder(out) as folder:
            for file in manifest.files:
                write_candles(contents.candles[file.pair, file.timeframe], folder / file.path)
            (folder / MARKETS_FILE).write_text(
                json.dumps(plain(contents.markets), indent=1, sort_keys=True) + "\n", encoding="utf-8"
            )
            (folder / MANIFEST_FILE).write_text(self.manifest_text(manifest), encoding="utf-8")
        return DataSet(out, manifest)

    def remove(self, root: Path) -> None:
        """Remove a set, at once for whoever looks."""
        set_aside(root)


def _in_order(timeframes: frozenset[str]) -> list[str]:
    return [name for name in TIMEFRAMES if name in timeframes]


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _fingerprint(root: Path) -> tuple[object, ...]:
    """What changes whenever a file of the set is written or replaced, or one comes or goes."""
    entries = []
    for path in sorted(root.iterdir()):
        status = path.stat()
        entries.append((path.name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    return (str(root.resolve()), *entries)
