"""What was found out about one strategy, put together as evidence."""

from pipeline.domain.account import Accounted, account_for
from pipeline.domain.evidence import CheckResult, Evidence, Provenance, Run
from pipeline.domain.job import Measured
from pipeline.domain.policy import Policy
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import Finding, Outcome, Subject
from pipeline.errors import ToolFailed
from pipeline.flows.gate_measure import Bench
from pipeline.flows.gate_prepare import Prepared


def account(item: Prepared, answer: Measured | ToolFailed | None, bench: Bench, subject: Subject) -> Accounted:
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


def evidence(
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
        versions={**bench.engine_of(subject)[1], **(measured.versions if measured else {})},
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
