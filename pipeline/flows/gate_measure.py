"""Every strategy of a gate is run by the engine, the slowest first, beside what it would replace."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pipeline.domain.canonical import Plain
from pipeline.domain.dataset import MARKETS_FILE
from pipeline.domain.job import Job, Measured
from pipeline.domain.lineage import Optimisation
from pipeline.domain.schedule import parallelism
from pipeline.domain.verdict import Subject
from pipeline.errors import ToolFailed
from pipeline.flows.gate_prepare import Ground, Prepared
from pipeline.flows.gate_replay import CutWriter
from pipeline.ports import Backtester, Lineages, Narrator


@dataclass(frozen=True, slots=True)
class EarlierEngine:
    """The engine that the reference of a change pins, where the change pins another: what is replaced runs on it.

    `identity` names it as `Bench.engine_identity` names the one that is installed; `changes` are the distributions that differ, with their
    versions then and now.
    """

    backtester: Backtester
    identity: Mapping[str, str]
    changes: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Bench:
    """What a gate works with.

    `engine_identity` names the judge's own code and the libraries that can change a trade; `markets` is the data set's snapshot, `write_cut`
    writes candles without what came after a moment, and `secret` is what the audit draws its samples from. `lineages` count attempts;
    `optimisations` are hyperopt's results by strategy id. `scratch` is an empty folder that goes when the gate is done; `available_mib` is the
    memory that may be used. With `expect_same_trades`, only who trades as its incumbent does can pass. `earlier` is None where the engine stays.
    """

    ground: Ground
    backtester: Backtester
    narrator: Narrator
    engine_identity: Mapping[str, str]
    markets: Mapping[str, Plain]
    write_cut: CutWriter
    secret: bytes
    lineages: Lineages
    scratch: Path
    jobs: int
    available_mib: float
    start_method: str = ""
    optimisations: Mapping[str, Optimisation] = field(default_factory=dict)
    expect_same_trades: bool = False
    earlier: EarlierEngine | None = None

    def engine_of(self, subject: Subject) -> tuple[Backtester, Mapping[str, str]]:
        """What runs a candidate, or what it would replace, and what names it."""
        if subject is Subject.INCUMBENT and self.earlier is not None:
            return self.earlier.backtester, self.earlier.identity
        return self.backtester, self.engine_identity

    def runs_incumbent(self, item: Prepared) -> bool:
        """Whether what is replaced has to be run: it is another one, or the engine is."""
        return item.needs_incumbent_run or (self.earlier is not None and item.entrant.incumbent is not None)


Answers = dict[tuple[str, Subject], Measured | ToolFailed]
"""What the engine said of each strategy id and of what it would replace."""


def measure_all(prepared: Sequence[Prepared], bench: Bench) -> Answers:
    """Run the engine for every candidate that passed lint and for its incumbent, the slowest first."""
    work: list[tuple[int, tuple[str, Subject], Callable[[int], Job]]] = []
    for item in prepared:
        if item.runnable:
            work.append(
                (
                    item.cost,
                    (item.entrant.candidate.id, Subject.CANDIDATE),
                    partial(job_of, item, Subject.CANDIDATE, bench),
                )
            )
            if bench.runs_incumbent(item):
                work.append(
                    (
                        item.cost,
                        (item.entrant.candidate.id, Subject.INCUMBENT),
                        partial(job_of, item, Subject.INCUMBENT, bench),
                    )
                )
    if not work:
        return {}
    work.sort(key=lambda entry: -entry[0])
    at_once = parallelism(bench.jobs, bench.available_mib, [item.rows for item in prepared])
    children = min(at_once, len(work))
    answers: Answers = {}
    with ThreadPoolExecutor(children) as pool:
        try:
            waiting: dict[Future[Measured | ToolFailed], tuple[str, Subject]] = {
                pool.submit(_ask, bench.engine_of(key[1])[0], make(max(1, at_once // children))): key
                for _, key, make in work
            }
            while waiting:
                done, _ = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    key = waiting.pop(future)
                    answers[key] = future.result()
                    bench.narrator.say(_told(key, answers[key], len(work) - len(waiting), len(work)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            bench.backtester.stop()
            if bench.earlier is not None:
                bench.earlier.backtester.stop()
            raise
    return answers


def _ask(backtester: Backtester, job: Job) -> Measured | ToolFailed:
    try:
        return backtester.measure(job)
    except ToolFailed as error:
        return error


def _told(key: tuple[str, Subject], answer: Measured | ToolFailed, number: int, of: int) -> str:
    whose = "" if key[1] is Subject.CANDIDATE else " (incumbent)"
    if isinstance(answer, ToolFailed):
        return f"[{number}/{of}] {key[0]}{whose}: {answer.message}"
    trades = sum(len(result.trades) for result in answer.backtests)
    return f"[{number}/{of}] {key[0]}{whose}: {trades} trades" + (" (known from before)" if answer.cached else "")


def job_of(item: Prepared, subject: Subject, bench: Bench, parallel: int) -> Job:
    """Lay the files of one strategy into a folder of its own and say what is to be measured."""
    candidate = item.entrant.candidate if subject is Subject.CANDIDATE else item.entrant.incumbent
    assert candidate is not None
    folder = bench.scratch / subject.value / candidate.id
    for path, content in candidate.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    environment = bench.ground.environment
    return Job(
        strategy_dir=str(folder),
        class_name=candidate.spec.class_name,
        exchange=environment.exchange,
        data_dir=str(item.data_dir.resolve()),
        markets=str((bench.ground.candles.root / MARKETS_FILE).resolve()),
        pairs=item.pairs,
        timeframe=item.timeframe,
        windows=item.windows,
        account=environment.account,
        tasks=item.tasks(subject),
        parallel=parallel,
        start_method=bench.start_method,
        limits=environment.limits,
        freqtrade=environment.freqtrade,
        identity=item.identity(subject, bench.engine_of(subject)[1]),
    )
