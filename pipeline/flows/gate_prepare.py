"""Before anything runs: lint, and fit every strategy to the data set. All problems at once."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pandas as pd

from pipeline.domain.canonical import digest
from pipeline.domain.dataset import Manifest
from pipeline.domain.environment import Environment
from pipeline.domain.job import BACKTEST, BEHAVIOUR, BIAS, CONTRACT
from pipeline.domain.lint import StrategyFacts, facts, lint
from pipeline.domain.policy import Policy, tighten
from pipeline.domain.strategy import DESCRIPTION_FILE, STRATEGY_FILE, Candidate
from pipeline.domain.timeframes import TIMEFRAMES, source_timeframe
from pipeline.domain.verdict import Finding, Outcome, Place, Subject
from pipeline.domain.windows import Window, resolve
from pipeline.errors import ConfigError, Problem
from pipeline.flows.gate_select import Entrant
from pipeline.ports import Candles, Linter

LINTERS_AT_ONCE = 4
"""Strategies that the linter looks at side by side, while ours are read here."""

FrameOf = Callable[[str, str], pd.DataFrame]
"""The candles of a pair at a timeframe."""

WindowProblem = Callable[[int, str], Problem]
"""Puts a sentence about the window with that index at its place in the environment's file."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An entrant that is ready to run, or the findings that keep it from running.

    `frames` are the candles by pair at the strategy's timeframe; `data_dir` holds them and every other timeframe that it asks for as files.
    """

    entrant: Entrant
    policy: Policy
    lint: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    timeframe: str
    pairs: tuple[str, ...]
    windows: tuple[Window, ...]
    frames: Mapping[str, pd.DataFrame]
    data_dir: Path
    why_not: str
    key: Mapping[str, object]

    @property
    def runnable(self) -> bool:
        """Whether code may run: lint found no error, and the data set has what the strategy needs."""
        return not self.why_not

    @property
    def rows(self) -> int:
        """Candles that one backtest loads at the most."""
        return sum(len(frame) for frame in self.frames.values())

    @property
    def cost(self) -> int:
        """Candles that all backtests walk through: the measure for starting the slowest first."""
        return self.rows * max(1, len(self.windows))

    @property
    def needs_incumbent_run(self) -> bool:
        """Whether the incumbent is another content than the candidate."""
        incumbent = self.entrant.incumbent
        return incumbent is not None and incumbent.content_digest != self.entrant.candidate.content_digest

    def tasks(self, subject: Subject) -> tuple[str, ...]:
        """What the engine is asked for; of an incumbent only its trades are wanted."""
        if subject is Subject.INCUMBENT:
            return (BACKTEST,)
        return (BEHAVIOUR, CONTRACT, *((BIAS,) if BIAS in self.policy.checks else ()), BACKTEST)

    def identity(self, subject: Subject, engine: Mapping[str, str]) -> str:
        """Names by content everything that can change the engine's answer."""
        candidate = self.entrant.candidate if subject is Subject.CANDIDATE else self.entrant.incumbent
        assert candidate is not None
        tasks = self.tasks(subject)
        parts = {
            "content": candidate.content_digest,
            "class": candidate.spec.class_name,
            "tasks": tasks,
            "engine": engine,
        }
        return digest({**parts, **self.key})


@dataclass(frozen=True, slots=True)
class Ground:
    """What strategies are fitted to.

    `allowed_imports` are the modules pinned for strategies, `requirements` the lines that would pin others (module -> line); `derived_dir`
    keeps resampled candles.
    """

    environment: Environment
    candles: Candles
    linter: Linter
    allowed_imports: frozenset[str]
    requirements: Mapping[str, str]
    derived_dir: Path
    window_problem: WindowProblem


def prepare(entrants: Sequence[Entrant], ground: Ground) -> tuple[Prepared, ...]:
    """Lint every entrant and fit it to the data.

    Raises:
        ConfigError: what descriptions and the environment ask for is not in the data set, or an override loosens the policy.
    """
    candidates = [entrant.candidate for entrant in entrants]
    with ThreadPoolExecutor(LINTERS_AT_ONCE) as pool:
        told = pool.map(ground.linter.lint, [candidate.files for candidate in candidates])
        fitted = [_fit(candidate, ground) for candidate in candidates]
        problems = tuple(dict.fromkeys(problem for one in fitted for problem in one.problems))
        if problems:
            raise ConfigError(problems, hint="nothing was judged; mend these first")
        own = [lint(candidate, ground.allowed_imports, ground.requirements) for candidate in candidates]
        found = [(*ours, *theirs) for ours, theirs in zip(own, told, strict=True)]
    frame = cache(ground.candles.frame)  # strategies share what they look at in common
    return tuple(
        _finish(entrant, one, findings, ground, frame)
        for entrant, one, findings in zip(entrants, fitted, found, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Fitted:
    """What a candidate comes to on a data set; `misses` are findings in its code, `problems` those in files that describe."""

    facts: StrategyFacts
    policy: Policy
    timeframe: str
    pairs: tuple[str, ...]
    windows: tuple[Window, ...]
    misses: tuple[Finding, ...]
    problems: tuple[Problem, ...]


def _fit(candidate: Candidate, ground: Ground) -> _Fitted:
    environment, manifest = ground.environment, ground.candles.manifest
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
        return _Fitted(about, policy, timeframe, (), (), tuple(misses), tuple(problems))
    available = tuple(sorted({file.pair for file in manifest.files if file.timeframe == source}))
    for pair in spec.pairs:
        if pair not in available:
            told = f"the data set '{manifest.name}' has no {source} candles of {pair}; it has: {', '.join(available)}"
            problems.append(_in_description(candidate, pair, told))
    pairs = tuple(pair for pair in spec.pairs if pair in available) or available
    first, end = _range(manifest, pairs, source, timeframe)
    windows, misfits = resolve(environment.windows, first, end, TIMEFRAMES[timeframe])
    problems += [ground.window_problem(misfit.index, misfit.message) for misfit in misfits]
    misses += _startup(windows, first, about.startup_candle_count or 0, timeframe)
    return _Fitted(about, policy, timeframe, pairs, windows, tuple(misses), tuple(problems))


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


def _finish(entrant: Entrant, fitted: _Fitted, found: tuple[Finding, ...], ground: Ground, frame: FrameOf) -> Prepared:
    environment, candles = ground.environment, ground.candles
    why_not = ""
    if any(finding.outcome is not Outcome.PASS for finding in found):
        why_not = "Not run, because lint found errors."
    elif fitted.misses:
        why_not = "Not run, because the data set does not have what the strategy needs."
    frames: dict[str, pd.DataFrame] = {}
    data_dir, asked = candles.root, _asked_for(fitted, candles.manifest)
    if not why_not:
        data_dir = candles.derive({fitted.timeframe, *asked}, ground.derived_dir)
        frames = {pair: frame(pair, fitted.timeframe) for pair in fitted.pairs}
    key: dict[str, object] = {
        "dataset": candles.manifest.digest,
        "timeframes": sorted({fitted.timeframe, *asked}),
        "pairs": fitted.pairs,
        "timeframe": fitted.timeframe,
        "windows": fitted.windows,
        "account": environment.account,
        "exchange": environment.exchange,
        "freqtrade": environment.freqtrade,
    }
    return Prepared(
        entrant, fitted.policy, found, (*fitted.misses, *_notes(fitted, candles.manifest)), fitted.timeframe, fitted.pairs, fitted.windows,
        frames, data_dir, why_not, key,
    )  # fmt: skip


def _asked_for(fitted: _Fitted, manifest: Manifest) -> frozenset[str]:
    """The other timeframes that the strategy's code names and that the data set can give."""
    return frozenset(
        name for name in fitted.facts.timeframes if source_timeframe(name, manifest.timeframes) is not None
    )


def _notes(fitted: _Fitted, manifest: Manifest) -> list[Finding]:
    return [
        Finding(
            "backtest",
            "informative",
            Outcome.PASS,
            f"The code names the timeframe {name}, which the data set '{manifest.name}' cannot give: freqtrade would find no such candles.",
            Place(STRATEGY_FILE),
            warning=True,
        )
        for name in sorted(fitted.facts.timeframes)
        if name != fitted.timeframe and source_timeframe(name, manifest.timeframes) is None
    ]
