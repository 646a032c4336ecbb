"""Before anything runs: lint, and fit every strategy to the data set. All problems at once."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from pipeline.domain.canonical import digest
from pipeline.domain.dataset import Manifest
from pipeline.domain.environment import Environment
from pipeline.domain.job import BACKTEST, BEHAVIOUR, BIAS, CONTRACT
from pipeline.domain.lint import lint
from pipeline.domain.policy import Policy
from pipeline.domain.strategy import STRATEGY_FILE
from pipeline.domain.timeframes import source_timeframe
from pipeline.domain.verdict import Finding, Outcome, Place, Subject
from pipeline.domain.windows import Window
from pipeline.errors import ConfigError
from pipeline.flows.gate_fit import Fitted, WindowProblem, fit
from pipeline.flows.gate_select import Entrant
from pipeline.ports import Candles, Linter

LINTERS_AT_ONCE = 4
"""Strategies that the linter looks at side by side, while ours are read here."""

FrameOf = Callable[[str, str], pd.DataFrame]
"""The candles of a pair at a timeframe."""


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
    manifest = ground.candles.manifest
    fitted = [fit(candidate, ground.environment, manifest, ground.window_problem) for candidate in candidates]
    problems = tuple(dict.fromkeys(problem for one in fitted for problem in one.problems))
    if problems:
        raise ConfigError(problems, hint="nothing was judged; mend these first")
    with ThreadPoolExecutor(LINTERS_AT_ONCE) as pool:
        told = pool.map(ground.linter.lint, [candidate.files for candidate in candidates])
        own = [lint(candidate, ground.allowed_imports, ground.requirements) for candidate in candidates]
        found = [(*ours, *theirs) for ours, theirs in zip(own, told, strict=True)]
    frame = cache(ground.candles.frame)  # strategies share what they look at in common
    return tuple(
        _finish(entrant, one, findings, ground, frame)
        for entrant, one, findings in zip(entrants, fitted, found, strict=True)
    )


def _finish(entrant: Entrant, fitted: Fitted, found: tuple[Finding, ...], ground: Ground, frame: FrameOf) -> Prepared:
    environment, candles = ground.environment, ground.candles
    why_not = ""
    if any(finding.outcome is not Outcome.PASS for finding in found):
        why_not = "Not run, because lint found errors."
    elif fitted.misses:
        why_not = "Not run, because the data set does not have what the strategy needs."
    frames: dict[str, pd.DataFrame] = {}
    data_dir, asked = candles.root, fitted.asked_for(candles.manifest)
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


def _notes(fitted: Fitted, manifest: Manifest) -> list[Finding]:
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
