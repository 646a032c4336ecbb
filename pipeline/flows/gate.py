"""`freqtrain gate`: lint, run and judge strategies on history, each alone."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.domain.account import Accounted, account_for
from pipeline.domain.audit import CHECK as AUDIT
from pipeline.domain.canonical import Plain
from pipeline.domain.dataset import MARKETS_FILE
from pipeline.domain.evidence import CheckResult, Evidence, Judgement, Provenance, Run, WindowPicture
from pipeline.domain.job import BIAS, Job, Measured
from pipeline.domain.judge import judge
from pipeline.domain.policy import Policy, without_incumbent
from pipeline.domain.schedule import parallelism
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import Finding, Outcome, Subject
from pipeline.errors import ToolFailed
from pipeline.flows.gate_prepare import Ground, Prepared, prepare
from pipeline.flows.gate_replay import AuditTools, CutWriter, audited
from pipeline.flows.gate_select import Entrant
from pipeline.ports import Backtester, Narrator


@dataclass(frozen=True, slots=True)
class Bench:
    """What a gate works with.

    `engine_identity` names the judge's own code and the libraries that can change a trade; `markets` is the data set's snapshot, `write_cut`
    writes candles without what came after a moment, and `secret` is what the audit draws its samples from. `scratch` is an empty folder that
    goes when the gate is done; `available_mib` is the memory that may be used.
    """

    ground: Ground
    backtester: Backtester
    narrator: Narrator
    engine_identity: Mapping[str, str]
    markets: Mapping[str, Plain]
    write_cut: CutWriter
    secret: bytes
    scratch: Path
    jobs: int
    available_mib: float
    start_method: str = ""


@dataclass(frozen=True, slots=True)
class Gated:
    """All judgements in the order in which the strategies were given, and what charts need of each."""

    judgements: tuple[Judgement, ...]
    pictures: Mapping[str, tuple[WindowPicture, ...]]

    @property
    def outcome(self) -> Outcome:
        """The worst of all; PASS where nothing had to be judged."""
        return max((judgement.verdict.outcome for judgement in self.judgements), default=Outcome.PASS)


def gate(entrants: Sequence[Entrant], bench: Bench, second_opinions: Mapping[str, Finding]) -> Gated:
    """Judge each entrant alone.

    Args:
        entrants: candidates with the incumbents that they would replace, and why they were chosen.
        bench: what to work with.
        second_opinions: strategy id -> what the judge of an earlier commit says, for a change that touches its own judge.

    Raises:
        ConfigError: a strategy asks for pairs or timeframes that the data set lacks, or a window lies outside of it; before any work.
    """
    prepared = prepare(entrants, bench.ground)
    bench.narrator.say(
        f"judging {', '.join(item.entrant.candidate.id for item in prepared)} on {bench.ground.candles.manifest.name}"
    )
    answers = _measure_all(prepared, bench)
    judged = []
    for item in prepared:
        opinion = second_opinions.get(item.entrant.candidate.id)
        more = (*_audit(item, answers, bench), *([CheckResult(opinion.check, (opinion,))] if opinion else []))
        judged.append(_judge(item, answers, bench, more))
    return Gated(
        tuple(judgement for judgement, _ in judged),
        {j.evidence.provenance.strategy: pictures for j, pictures in judged},
    )


Answers = dict[tuple[str, Subject], Measured | ToolFailed]


def _measure_all(prepared: Sequence[Prepared], bench: Bench) -> Answers:
    """Run the engine for every candidate that passed lint and for its incumbent, the slowest first."""
    work: list[tuple[int, tuple[str, Subject], Callable[[int], Job]]] = []
    for item in prepared:
        if item.runnable:
            work.append(
                (item.cost, (item.entrant.candidate.id, Subject.CANDIDATE), _job_maker(item, Subject.CANDIDATE, bench))
            )
            if item.needs_incumbent_run:
                work.append(
                    (
                        item.cost,
                        (item.entrant.candidate.id, Subject.INCUMBENT),
                        _job_maker(item, Subject.INCUMBENT, bench),
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
                pool.submit(_ask, bench.backtester, make(max(1, at_once // children))): key for _, key, make in work
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


def _job_maker(item: Prepared, subject: Subject, bench: Bench) -> Callable[[int], Job]:
    return lambda parallel: _job(item, subject, bench, parallel)


def _job(item: Prepared, subject: Subject, bench: Bench, parallel: int) -> Job:
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
        identity=item.identity(subject, bench.engine_identity),
    )


def _audit(item: Prepared, answers: Answers, bench: Bench) -> tuple[CheckResult, ...]:
    """The audit, where the policy demands one and there are trades to audit; without them the reason stands in the backtest's findings."""
    if AUDIT not in item.policy.checks:
        return ()
    answer = answers.get((item.entrant.candidate.id, Subject.CANDIDATE))
    if not isinstance(answer, Measured):
        return (CheckResult(AUDIT),)
    tools = AuditTools(
        bench.backtester,
        bench.narrator,
        bench.markets,
        bench.ground.candles.manifest.digest,
        bench.write_cut,
        bench.secret,
        bench.scratch,
        parallelism(bench.jobs, bench.available_mib, [item.rows]),
    )
    return (audited(item, _job(item, Subject.CANDIDATE, bench, 1), answer, tools),)


def _judge(
    item: Prepared, answers: Answers, bench: Bench, more: tuple[CheckResult, ...]
) -> tuple[Judgement, tuple[WindowPicture, ...]]:
    candidate = item.entrant.candidate
    answer = answers.get((candidate.id, Subject.CANDIDATE))
    accounted = _account(item, answer, bench, Subject.CANDIDATE)
    incumbent, incumbent_accounted, notes = _incumbent(item, answers, bench, accounted)
    policy = item.policy if incumbent_accounted is not None else without_incumbent(item.policy)
    checks = (*_checks(item, answer, accounted, notes), *more)
    compared = (*accounted.measurements, *(incumbent_accounted.measurements if incumbent_accounted else ()))
    verdict = judge(checks, compared, policy)
    evidence = _evidence(item, answer, bench, policy, checks, accounted)
    pictures = accounted.pictures
    if incumbent_accounted is not None and len(incumbent_accounted.pictures) == len(pictures):
        pairs = zip(pictures, incumbent_accounted.pictures, strict=True)
        pictures = tuple(replace(mine, incumbent=theirs.equity) for mine, theirs in pairs)
    return Judgement(evidence, policy, verdict, incumbent, item.entrant.because), pictures


def _account(item: Prepared, answer: Measured | ToolFailed | None, bench: Bench, subject: Subject) -> Accounted:
    if isinstance(answer, ToolFailed):
        reason = f"The strategy could not be run: {answer.message}. {answer.hint}".strip()
        return Accounted((), (), (), (Finding("backtest", "engine", Outcome.ERROR, reason),))
    if answer is None:
        return Accounted((), (), (), (Finding("backtest", "not-run", Outcome.ERROR, item.why_not),))
    return account_for(
        answer.backtests,
        item.windows,
        item.frames,
        bench.ground.environment.account,
        TIMEFRAMES[item.timeframe],
        subject,
    )


def _incumbent(
    item: Prepared, answers: Answers, bench: Bench, candidate: Accounted
) -> tuple[Evidence | None, Accounted | None, tuple[Finding, ...]]:
    """The incumbent's evidence and account, or a note why there is none: a broken incumbent must not hold up its own repair."""
    entrant = item.entrant
    if entrant.incumbent is None:
        return None, None, ()
    answer = answers.get((entrant.candidate.id, Subject.INCUMBENT))
    if not item.needs_incumbent_run:
        answer = answers.get((entrant.candidate.id, Subject.CANDIDATE))
    accounted = _account(item, answer, bench, Subject.INCUMBENT)
    if accounted.findings or not accounted.measurements:
        why = accounted.findings[0].reason if accounted.findings else "it was not measured"
        note = Finding(
            "backtest", "incumbent", Outcome.PASS, f"There is no incumbent to compare with: {why}", warning=True
        )
        return None, None, (note,)
    checks = (CheckResult("backtest", accounted.findings),)
    return _evidence(item, answer, bench, item.policy, checks, accounted, Subject.INCUMBENT), accounted, ()


def _checks(
    item: Prepared, answer: Measured | ToolFailed | None, accounted: Accounted, notes: tuple[Finding, ...]
) -> tuple[CheckResult, ...]:
    """Where code was not run, the reason stands in the backtest's findings: one ERROR is enough."""
    measured = answer if isinstance(answer, Measured) else None
    checks = [
        CheckResult("lint", item.lint),
        CheckResult("behaviour", measured.behaviour if measured else ()),
        CheckResult("backtest", (*item.notes, *accounted.findings, *notes)),
    ]
    if BIAS in item.policy.checks:
        checks.append(CheckResult(BIAS, measured.bias if measured else ()))
    return tuple(checks)


def _evidence(
    item: Prepared,
    answer: Measured | ToolFailed | None,
    bench: Bench,
    policy: Policy,
    checks: tuple[CheckResult, ...],
    accounted: Accounted,
    subject: Subject = Subject.CANDIDATE,
) -> Evidence:
    candidate = item.entrant.candidate if subject is Subject.CANDIDATE else item.entrant.incumbent
    assert candidate is not None
    measured = answer if isinstance(answer, Measured) else None
    manifest = bench.ground.candles.manifest
    provenance = Provenance(
        strategy=candidate.id,
        class_name=candidate.spec.class_name,
        timeframe=item.timeframe,
        pairs=item.pairs,
        content_digest=candidate.content_digest,
        files=candidate.file_digests,
        policy_digest=policy.digest,
        environment_digest=bench.ground.environment.digest,
        dataset=manifest.name,
        dataset_digest=manifest.digest,
        markets_digest=manifest.markets_sha256,
        simulated=manifest.simulated,
        versions={**bench.engine_identity, **(measured.versions if measured else {})},
        isolation=measured.isolation if measured else "nothing was run",
        title=candidate.spec.title,
        owner=candidate.spec.owner,
    )
    run = Run(
        started_at=measured.started_at if measured else "",
        seconds=measured.seconds if measured else 0.0,
        peak_memory_mib=measured.peak_memory_mib if measured else 0.0,
        cached=measured.cached if measured else False,
    )
    return Evidence(provenance, checks, accounted.measurements, accounted.windows, run)
