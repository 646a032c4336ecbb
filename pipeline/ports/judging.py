"""What judging needs of the world: the engine, candles, linters, the repository, attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.domain.contents import Contents
    from pipeline.domain.dataset import DataProblem, Manifest
    from pipeline.domain.job import Job, Measured
    from pipeline.domain.lineage import Attempts, Optimisation
    from pipeline.domain.strategy import Candidate
    from pipeline.domain.verdict import Finding


class Backtester(Protocol):
    """The engine in its child process."""

    def measure(self, job: Job) -> Measured:
        """Run the job's tasks; blocks until all have ended.

        Raises:
            ToolFailed: the child died, ran out of time or memory, or answered nonsense; the message says which.
        """
        ...

    def replay(self, job: Job, reveal: Callable[[int], None]) -> Measured:
        """Run a job whose task is REPLAY, its windows one after the other, in one child.

        Args:
            reveal: puts the candles of the window with that place into their folder; called for each only when the one before was answered,
                and not at all where the answer is known from before.

        Raises:
            ToolFailed: as `measure`.
        """
        ...

    def stop(self) -> None:
        """End all that runs, at once; `measure` raises in the threads that wait."""
        ...


class Candles(Protocol):
    """A data set that can be read."""

    @property
    def root(self) -> Path:
        """The folder that holds it."""
        ...

    @property
    def manifest(self) -> Manifest:
        """What it holds, by digest."""
        ...

    def frame(self, pair: str, timeframe: str) -> pd.DataFrame:
        """Candles with the columns date (UTC), open, high, low, close, volume, as freqtrade writes them.

        They are added up from shorter ones where needed; raises UsageError for a pair or timeframe that the set cannot give.
        """
        ...

    def derive(self, timeframes: Iterable[str], cache_dir: Path) -> Path:
        """A folder of freqtrade's candle files for all the timeframes and pairs, resampled where the set has only shorter ones."""
        ...


class Linter(Protocol):
    """A linter for Python files besides our own rules."""

    def lint(self, files: Mapping[str, bytes]) -> Sequence[Finding]:
        """Findings (check "lint") for the given files, by path relative to the strategy's folder."""
        ...


class Repository(Protocol):
    """The git repository that the strategies are proposed in."""

    def resolve(self, ref: str) -> str:
        """The commit that a reference names; raises UsageError where there is none."""
        ...

    def changed_files(self, since: str) -> tuple[str, ...]:
        """Paths (POSIX, relative to the root) that differ between the merge base with `since` and the working tree, untracked ones included."""
        ...

    def export(self, ref: str, path: str, to: Path) -> bool:
        """Write a folder or file as it was at `ref` below `to`; False where it did not exist."""
        ...


class EarlierJudge(Protocol):
    """The judge as it was at a reference: its code, policy and data."""

    def judge(self, ref: str, strategies: Path, ids: Sequence[str]) -> Mapping[str, Finding]:
        """What that judge says of each of today's strategies; empty where there was no judge yet.

        Raises:
            ToolFailed: it could not be asked.
        """
        ...


class DataSets(Protocol):
    """Where data sets are kept."""

    def open(self, root: Path) -> Candles:
        """The set in a folder, not yet verified; raises UsageError where there is none, ConfigError for a wrong manifest."""
        ...

    def verify(self, dataset: Candles) -> tuple[DataProblem, ...]:
        """Everything wrong with it, errors and warnings."""
        ...

    def write(self, contents: Contents, out: Path) -> Candles:
        """Write a set into a folder that is new or empty, whole or not at all; raises FileExistsError where something is."""
        ...

    def remove(self, root: Path) -> None:
        """Remove a set, at once for whoever looks."""
        ...


class Lineages(Protocol):
    """What was tried until a candidate came about, where no change to the repository reaches it."""

    def attempt(self, candidate: Candidate, results: Optimisation | None = None) -> Attempts:
        """Record that this content is judged, and hyperopt's results where given, each once; then count what was tried.

        Raises:
            Refused: what is kept was changed behind its back; the message says where.
            Locked, ToolFailed: it could not be recorded.
        """
        ...


class Downloads(Protocol):
    """An exchange's public history, through freqtrade."""

    def download(self, exchange: str, pairs: Sequence[str], timeframes: Sequence[str], days: int, into: Path) -> Path:
        """Fill a folder below `into` with candle files and the market snapshot, and return it.

        Raises:
            ToolFailed: the exchange could not be reached, or the download died.
            Refused: the exchange or freqtrade does not know what was asked for.
        """
        ...


class Releases(Protocol):
    """The assets of a repository's GitHub releases."""

    def upload(self, tag: str, title: str, text: str, name: str, archive: Path) -> tuple[str, bool]:
        """Put a file into the release of a tag, which is made where it is missing; an equal asset is left as it is.

        Returns the asset's address, and whether it was there already.

        Raises:
            Refused: the repository is not there, or the token may not write to it.
            ToolFailed: the network.
        """
        ...

    def download(self, tag: str, name: str, into: Path) -> None:
        """Write an asset into a file; it is looked for in the tag's release first, then in all of them.

        Raises:
            Refused: there is none, or the token may not see it.
            ToolFailed: the network, or fewer bytes came than GitHub announced.
        """
        ...
