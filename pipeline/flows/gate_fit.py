"""A candidate fitted to a data set: its pairs, timeframe and windows, and everything that does not fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.domain.dataset import Manifest
from pipeline.domain.environment import Environment
from pipeline.domain.lint import StrategyFacts, facts
from pipeline.domain.policy import Policy, tighten
from pipeline.domain.strategy import DESCRIPTION_FILE, STRATEGY_FILE, Candidate
from pipeline.domain.timeframes import TIMEFRAMES, source_timeframe
from pipeline.domain.verdict import Finding, Outcome, Place
from pipeline.domain.windows import Window, resolve
from pipeline.errors import Problem

WindowProblem = Callable[[int, str], Problem]
"""Puts a sentence about the window with that index at its place in the environment's file."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a candidate comes to on a data set; `misses` are findings in its code, `problems` those in files that describe."""

    facts: StrategyFacts
    policy: Policy
    timeframe: str
    pairs: tuple[str, ...]
    windows: tuple[Window, ...]
    misses: tuple[Finding, ...]
    problems: tuple[Problem, ...]

    def asked_for(self, manifest: Manifest) -> frozenset[str]:
        """The other timeframes that the strategy's code names and that the data set can give."""
        return frozenset(
            name for name in self.facts.timeframes if source_timeframe(name, manifest.timeframes) is not None
        )


def fit(candidate: Candidate, environment: Environment, manifest: Manifest, window_problem: WindowProblem) -> Fitted:
    """Hold what a candidate asks for against what a data set has; `window_problem` places what is wrong with the environment's windows."""
    spec, about = candidate.spec, facts(candidate)
    policy, loosened = tighten(environment.policy, spec.overrides)
    problems = [_in_description(candidate, "policy", sentence) for _, sentence in loosened]
    misses: list[Finding] = []
    timeframe = spec.timeframe or about.timeframe or ""
    source = source_timeframe(timeframe, manifest.timeframes) if timeframe else None
    if source is None:
        told = _no_timeframe(timeframe, manifest)
        if spec.timeframe:
            problems.append(_in_description(candidate, "timeframe", told))
        else:
            misses.append(Finding("backtest", "timeframe", Outcome.ERROR, told, Place(STRATEGY_FILE)))
        return Fitted(about, policy, timeframe, (), (), tuple(misses), tuple(problems))
    available = tuple(sorted({file.pair for file in manifest.files if file.timeframe == source}))
    for pair in spec.pairs:
        if pair not in available:
            told = f"the data set '{manifest.name}' has no {source} candles of {pair}; it has: {', '.join(available)}"
            problems.append(_in_description(candidate, pair, told))
    pairs = tuple(pair for pair in spec.pairs if pair in available) or available
    first, end = _range(manifest, pairs, source, timeframe)
    windows, misfits = resolve(environment.windows, first, end, TIMEFRAMES[timeframe])
    problems += [window_problem(misfit.index, misfit.message) for misfit in misfits]
    misses += _startup(windows, first, about.startup_candle_count or 0, timeframe)
    return Fitted(about, policy, timeframe, pairs, windows, tuple(misses), tuple(problems))


def _range(manifest: Manifest, pairs: tuple[str, ...], source: str, timeframe: str) -> tuple[datetime, datetime]:
    """The stretch that every pair has, whole candles of the strategy's timeframe only."""
    files = [file for file in manifest.files if file.pair in pairs and file.timeframe == source]
    first, end = max(file.first for file in files), min(file.last for file in files) + TIMEFRAMES[source]
    step, epoch = TIMEFRAMES[timeframe], datetime(1970, 1, 1, tzinfo=UTC)
    return epoch - (epoch - first) // step * step, epoch + (end - epoch) // step * step


def _startup(windows: Sequence[Window], first: datetime, startup: int, timeframe: str) -> list[Finding]:
    """freqtrade would quietly begin later where the start-up candles are missing; a judge must not."""
    needed = startup * TIMEFRAMES[timeframe]
    return [
        Finding(
            "backtest",
            "startup",
            Outcome.ERROR,
            f"The strategy needs {startup} start-up candles of {timeframe} before window '{window.name}' "
            f"({window.start:%Y-%m-%d %H:%M}), but the data begin at {first:%Y-%m-%d %H:%M}.",
            Place(STRATEGY_FILE),
            window=window.name,
        )
        for window in windows
        if window.start - needed < first
    ]


def _no_timeframe(timeframe: str, manifest: Manifest) -> str:
    if not timeframe:
        return "The strategy names no timeframe, neither in its class nor in strategy.yml."
    there = ", ".join(sorted(manifest.timeframes, key=lambda name: TIMEFRAMES.get(name, timedelta())))
    return f"candles of {timeframe} can be neither found in the data set '{manifest.name}' nor added up from what it has ({there})"


def _in_description(candidate: Candidate, what: str, told: str) -> Problem:
    """A problem in strategy.yml at the line where `what` stands."""
    lines = candidate.files.get(DESCRIPTION_FILE, b"").decode(errors="replace").splitlines()
    number, column = next(((n, line.index(what) + 1) for n, line in enumerate(lines, 1) if what in line), (0, 0))
    return Problem(f"{candidate.folder}/{DESCRIPTION_FILE}", number, column, told)
