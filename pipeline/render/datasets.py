"""What a person and a program read about a data set."""

from collections.abc import Sequence

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.dataset import DataProblem, Manifest, Severity
from pipeline.domain.timeframes import TIMEFRAMES


def lines(manifest: Manifest, root: str) -> list[str]:
    """A data set in a few lines: where, what, and its digest."""
    shown = [f"{manifest.name}: {manifest.kind}, {manifest.exchange}, in {root}"]
    for timeframe in (name for name in TIMEFRAMES if name in manifest.timeframes):
        files = [file for file in manifest.files if file.timeframe == timeframe]
        first, last = min(file.first for file in files), max(file.last for file in files)
        rows = sum(file.rows for file in files)
        shown.append(
            f"  {timeframe:>3}: {_count(len(files), 'pair')}, {_count(rows, 'candle')}, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
        )
    shown += [f"  note: {note}" for note in manifest.notes]
    return [*shown, f"  digest: {manifest.digest}"]


def problem_lines(problems: Sequence[DataProblem]) -> list[str]:
    """Errors first, each with its file, row and time."""
    ordered = sorted(problems, key=lambda problem: problem.severity is not Severity.ERROR)
    return [f"{problem.severity.value}: {problem}" for problem in ordered]


def as_object(outcome: str, manifest: Manifest, root: str, problems: Sequence[DataProblem] = ()) -> dict[str, Plain]:
    """The same for a program; the first key is `outcome`."""
    return {
        "outcome": outcome,
        "name": manifest.name,
        "digest": manifest.digest,
        "kind": manifest.kind,
        "exchange": manifest.exchange,
        "path": root,
        "notes": list(manifest.notes),
        "files": plain(manifest.files),
        "problems": plain(tuple(problems)),
    }


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
