"""Strategies and their random twins on many seeds of the simulated market, judged by the policy of an environment."""

import multiprocessing
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.adapters.freqtrade import tasks
from pipeline.adapters.market_snapshot import read_markets
from pipeline.config.environment import load_environment
from pipeline.domain.account import account_for
from pipeline.domain.dataset import MARKETS_FILE
from pipeline.domain.environment import Environment
from pipeline.domain.evidence import CheckResult
from pipeline.domain.job import BACKTEST, BacktestResult, Job
from pipeline.domain.judge import judge
from pipeline.domain.lineage import Attempts
from pipeline.domain.lint import facts
from pipeline.domain.market import simulated
from pipeline.domain.policy import Policy
from pipeline.domain.robustness import ROBUSTNESS, robustness
from pipeline.domain.strategy import Candidate
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import ALL_WINDOWS, Outcome, Subject, Verdict
from pipeline.domain.windows import Window, resolve
from pipeline.ports import Candles
from pipeline.wiring.data import data_sets
from pipeline.wiring.environments import environment_file
from pipeline.wiring.gate import load_candidate

TWIN_DIR = Path(__file__).resolve().parent / "random_twin"
TWIN_CLASS = "RandomTwin"
DAYS = 365


@dataclass(frozen=True)
class Course:
    """One data set laid out for one strategy: `frames` are its candles by pair, and `data_dir` holds them as files."""

    candidate: Candidate
    folder: Path
    seed: int
    candles: Candles
    environment: Environment
    timeframe: str
    windows: tuple[Window, ...]
    frames: Mapping[str, pd.DataFrame]
    data_dir: Path

    @property
    def job(self) -> Job:
        return Job(
            strategy_dir=str(self.folder.resolve()),
            class_name=self.candidate.spec.class_name,
            exchange=self.environment.exchange,
            data_dir=str(self.data_dir.resolve()),
            markets=str((self.candles.root / MARKETS_FILE).resolve()),
            pairs=tuple(sorted(self.frames)),
            timeframe=self.timeframe,
            windows=self.windows,
            account=self.environment.account,
            tasks=(BACKTEST,),
        )


@dataclass(frozen=True)
class Trial:
    """What became of one strategy on one data set."""

    results: tuple[BacktestResult, ...]
    numbers: Mapping[str, float]
    verdict: Verdict

    @property
    def passed(self) -> bool:
        return self.verdict.outcome is Outcome.PASS

    @property
    def trades(self) -> int:
        return sum(len(result.trades) for result in self.results)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it did not pass."""
        return tuple(f.reason for f in self.verdict.findings if f.outcome is not Outcome.PASS)


def markets(seeds: Sequence[int], root: Path, processes: int) -> dict[int, Candles]:
    """The simulated market of each seed, made in a folder of its own below `root`."""
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        pool.starmap(_make_market, [(seed, root / f"seed-{seed}") for seed in seeds], chunksize=1)
    return {seed: data_sets().open(root / f"seed-{seed}") for seed in seeds}


def course(folder: Path, seed: int, candles: Candles, environment: str, cache: Path) -> Course:
    """Lay out a data set for the strategy in a folder, with the windows and the account of an environment."""
    loaded = load_environment(environment_file(environment), os.environ).environment
    candidate = load_candidate(loaded.policy, folder.parent, folder.name)
    about = facts(candidate)
    timeframe = candidate.spec.timeframe or about.timeframe or ""
    pairs = candidate.spec.pairs or tuple(sorted({file.pair for file in candles.manifest.files}))
    frames = {pair: candles.frame(pair, timeframe) for pair in pairs}
    first = max(frame["date"].iloc[0] for frame in frames.values()).to_pydatetime()
    end = min(frame["date"].iloc[-1] for frame in frames.values()).to_pydatetime() + TIMEFRAMES[timeframe]
    windows, misfits = resolve(loaded.windows, first, end, TIMEFRAMES[timeframe])
    assert not misfits, misfits
    data_dir = candles.derive({timeframe, *about.timeframes}, cache)
    return Course(candidate, folder, seed, candles, loaded, timeframe, windows, frames, data_dir)


def twin_job(run: Course, trial: Trial, salt: int) -> Job:
    """The job of the random twin: as many entries as the strategy made on this course, held as long as its trades."""
    step = TIMEFRAMES[run.timeframe]
    held = [round((t.closed_at - t.opened_at) / step) for result in trial.results for t in result.trades]
    candles = sum((w.end - w.start) // step for w in run.windows) * len(run.frames)
    twin = {"chance": len(held) / (candles - sum(held)), "holding_candles": held or [1], "salt": f"{run.seed} {salt}"}
    replaced = {"strategy_dir": str(TWIN_DIR), "class_name": TWIN_CLASS, "freqtrade": {"twin": twin}}
    return Job(**{**{name: getattr(run.job, name) for name in Job.__slots__}, **replaced})


def run_all(jobs: Sequence[Job], processes: int) -> list[tuple[BacktestResult, ...]]:
    """Every job in a process of its own, so that no strategy meets another one."""
    with multiprocessing.get_context("fork").Pool(processes, maxtasksperchild=1) as pool:
        return pool.map(_run, jobs, chunksize=1)


def judged(run: Course, results: tuple[BacktestResult, ...]) -> Trial:
    """What the environment's thresholds say of the trades, as in the gate, as the first attempt."""
    policy = run.environment.policy
    accounted = account_for(results, run.windows, run.frames, run.environment.account, TIMEFRAMES[run.timeframe])
    checks, measurements = [CheckResult("backtest", accounted.findings)], accounted.measurements
    if len(accounted.windows) == len(run.windows):
        markets = read_markets(run.candles.root / MARKETS_FILE)
        step = TIMEFRAMES[run.timeframe]
        luck, said = robustness(accounted.windows, run.frames, markets, run.environment.account, Attempts(), step)
        checks.append(CheckResult(ROBUSTNESS, said))
        measurements = (*measurements, *luck)
    verdict = judge(checks, measurements, Policy(("backtest", ROBUSTNESS), policy.thresholds))
    numbers = {m.metric: m.value for m in measurements if m.subject is Subject.CANDIDATE and m.window == ALL_WINDOWS}
    return Trial(results, numbers, verdict)


def _make_market(seed: int, folder: Path) -> None:
    data_sets().write(simulated(seed, days=DAYS), folder)


def _run(job: Job) -> tuple[BacktestResult, ...]:
    with tempfile.TemporaryDirectory(prefix="freqtrain-trial-") as folder:
        return tuple(tasks.backtest(job, window, Path(folder)) for window in job.windows)
