"""Plain fakes, one a port."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from pipeline.domain.dataset import CandleFile, Manifest
from pipeline.domain.job import Job, Measured
from pipeline.domain.lineage import Attempts, Optimisation
from pipeline.domain.strategy import Candidate
from pipeline.domain.verdict import Finding
from pipeline.errors import FreqtrainError, ToolFailed


@dataclass
class FakeClock:
    """Stands still unless somebody sleeps."""

    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class FakeNarrator:
    """Keeps what it was told."""

    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append(text)


@dataclass
class FakeLinter:
    """Finds what it was given."""

    findings: tuple[Finding, ...] = ()

    def lint(self, files: Mapping[str, bytes]) -> Sequence[Finding]:
        return self.findings


@dataclass
class FakeBacktester:
    """Answers with a function of the job and keeps the jobs; files are read while they are there."""

    answer: Callable[[Job], Measured | ToolFailed]
    jobs: list[Job] = field(default_factory=list)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    stopped: bool = False

    def measure(self, job: Job) -> Measured:
        self.jobs.append(job)
        self.files[job.identity] = _contents(Path(job.strategy_dir))
        answer = self.answer(job)
        if isinstance(answer, ToolFailed):
            raise answer
        return answer

    def replay(self, job: Job, reveal: Callable[[int], None]) -> Measured:
        for number in range(len(job.windows)):
            reveal(number)
        return self.measure(job)

    def stop(self) -> None:
        self.stopped = True


def _contents(root: Path) -> dict[str, bytes]:
    """The files below a folder; another thread may take folders away meanwhile."""
    found: dict[str, bytes] = {}
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(FileNotFoundError):
                found[(Path(folder) / name).relative_to(root).as_posix()] = (Path(folder) / name).read_bytes()
    return found


@dataclass
class FakeLineages:
    """Counts distinct contents in memory; `fault` is raised instead where it is given."""

    before: int = 0
    fault: FreqtrainError | None = None
    seen: set[str] = field(default_factory=set)
    results: list[Optimisation] = field(default_factory=list)

    def attempt(self, candidate: Candidate, results: Optimisation | None = None) -> Attempts:
        if self.fault is not None:
            raise self.fault
        self.seen.add(candidate.content_digest)
        self.results += [results] if results else []
        return Attempts(self.before + len(self.seen), sum(result.epochs for result in self.results))


@dataclass
class FakeCandles:
    """A data set in memory: `frames` maps (pair, timeframe) to candles."""

    frames: Mapping[tuple[str, str], pd.DataFrame]
    root: Path = Path("fake")
    kind: str = "imported"
    derived: list[frozenset[str]] = field(default_factory=list)

    @property
    def manifest(self) -> Manifest:
        files = tuple(
            CandleFile(
                f"{pair.replace('/', '_')}-{timeframe}.feather",
                pair,
                timeframe,
                len(frame),
                frame["date"].iloc[0].to_pydatetime(),
                frame["date"].iloc[-1].to_pydatetime(),
                "sha256:" + "0" * 64,
            )
            for (pair, timeframe), frame in self.frames.items()
        )
        return Manifest("fake", self.kind, "binance", "sha256:" + "1" * 64, files)

    def frame(self, pair: str, timeframe: str) -> pd.DataFrame:
        return self.frames[pair, timeframe]

    def derive(self, timeframes: Iterable[str], cache_dir: Path) -> Path:
        self.derived.append(frozenset(timeframes))
        return self.root


def hourly(days: int = 30, start: float = 100.0, step: float = 0.0) -> pd.DataFrame:
    """Candles of one hour whose price rises by `step` each."""
    prices = [start + step * number for number in range(24 * days)]
    dates = pd.date_range("2025-01-01", periods=len(prices), freq="1h", tz="UTC")
    frame = pd.DataFrame({"date": dates, "open": prices, "close": [price + step for price in prices]})
    frame["high"], frame["low"], frame["volume"] = (
        frame[["open", "close"]].max(axis=1),
        frame[["open", "close"]].min(axis=1),
        10.0,
    )
    return frame[["date", "open", "high", "low", "close", "volume"]]
