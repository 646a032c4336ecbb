"""Which strategies a gate judges: those that were named, or those that a change touches or affects, each with its incumbent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.selection import Chosen, select, shard
from pipeline.domain.strategy import Candidate
from pipeline.errors import ConfigError, FreqtrainError, Problem, UsageError
from pipeline.ports import Repository

LoadCandidate = Callable[[Path, str], Candidate]
"""Reads `<folder>/<id>` as the candidate with that id; raises ConfigError."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """A candidate, what it would replace, and why it is judged."""

    candidate: Candidate
    incumbent: Candidate | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for.

    `ids` are the strategies to judge (empty: all, or those that `since` affects); `part` is (index from 1, count).
    """

    strategies: Path
    ids: tuple[str, ...] = ()
    since: str = ""
    part: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class Change:
    """A change against a reference: the repository, its root, and the paths that differ."""

    repository: Repository
    root: Path
    ref: str
    paths: tuple[str, ...]


def entrants(
    wish: Wish,
    existing: Sequence[str],
    load: LoadCandidate,
    load_incumbent: LoadCandidate,
    change: Change | None,
    scratch: Path,
) -> tuple[Entrant, ...]:
    """Load what is to be judged.

    Args:
        wish: what the caller asked for.
        existing: the ids in the strategies' folder.
        load: reads one candidate, `load_incumbent` what it would replace.
        change: what differs from `wish.since`, or None without one.
        scratch: an empty folder for the incumbents' files.

    Raises:
        UsageError: an id does not exist, or there is no strategy at all.
        ConfigError: every problem of every chosen strategy's description.
    """
    unknown = [id for id in wish.ids if id not in existing]
    if unknown:
        known = f"known are: {', '.join(existing)}" if existing else "make one with: freqtrain new my_strategy"
        raise UsageError(f"there is no strategy {', '.join(unknown)} in {wish.strategies}", hint=known)
    if not existing:
        raise UsageError(f"{wish.strategies} holds no strategy", hint="make one with: freqtrain new my_strategy")
    chosen = tuple(Chosen(id, "named") for id in wish.ids) or tuple(Chosen(id, "all strategies") for id in existing)
    if change is not None:
        inside = _relative(wish.strategies, change.root)
        affected = select(existing, change.paths, strategies=inside)
        chosen = tuple(c for c in affected if not wish.ids or c.id in wish.ids)
    chosen = shard(chosen, *wish.part)
    candidates = _load_all(chosen, wish.strategies, load)
    return tuple(
        Entrant(candidate, _incumbent(candidate.id, wish, load_incumbent, change, scratch), because.because)
        for candidate, because in zip(candidates, chosen, strict=True)
    )


def _load_all(chosen: Sequence[Chosen], folder: Path, load: LoadCandidate) -> list[Candidate]:
    candidates: list[Candidate] = []
    problems: list[Problem] = []
    for one in chosen:
        try:
            candidates.append(load(folder, one.id))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(tuple(problems), hint="nothing was judged; mend these first")
    return candidates


def _incumbent(id: str, wish: Wish, load: LoadCandidate, change: Change | None, scratch: Path) -> Candidate | None:
    """The strategy as it was at the reference; None where it did not exist or cannot be read, since it must not hold up its own repair."""
    if change is None:
        return None
    there = scratch / "reference"
    path = f"{_relative(wish.strategies, change.root)}/{id}"
    if not change.repository.export(change.ref, path, there):
        return None
    try:
        return load((there / path).parent, id)
    except FreqtrainError:
        return None


def _relative(folder: Path, root: Path) -> str:
    try:
        return folder.resolve().relative_to(root.resolve()).as_posix()
    except ValueError as error:
        raise UsageError(
            f"--changed-since needs the strategies inside the git repository {root}",
            hint="leave --strategies out, or judge without --changed-since",
        ) from error
