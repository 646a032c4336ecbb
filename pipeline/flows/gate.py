"""`freqtrain gate`: lint, run and judge strategies on history, each alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.account import Accounted
from pipeline.domain.audit import CHECK as AUDIT
from pipeline.domain.evidence import CheckResult, Evidence, Judgement, WindowPicture
from pipeline.domain.job import BIAS, Measured
from pipeline.domain.judge import judge
from pipeline.domain.policy import without_incumbent
from pipeline.domain.robustness import ROBUSTNESS, robustness
from pipeline.domain.robustness_words import slipped
from pipeline.domain.same_trades import across_engines, same_trades
from pipeline.domain.schedule import parallelism
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import Finding, Measurement, Outcome, Subject
from pipeline.errors import ToolFailed
from pipeline.flows import gate_attempts
from pipeline.flows.gate_evidence import account, evidence
from pipeline.flows.gate_measure import Answers, Bench, job_of, measure_all
from pipeline.flows.gate_prepare import Prepared, prepare
from pipeline.flows.gate_replay import AuditTools, audited
from pipeline.flows.gate_select import Entrant


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
    answers = measure_all(prepared, bench)
    judged = []
    for item in prepared:
        opinion = second_opinions.get(item.entrant.candidate.id)
        more = (*_audit(item, answers, bench), *([CheckResult(opinion.check, (opinion,))] if opinion else []))
        judged.append(_judge(item, answers, bench, more))
    return Gated(
        tuple(judgement for judgement, _ in judged),
        {j.evidence.provenance.strategy: pictures for j, pictures in judged},
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
    return (audited(item, job_of(item, Subject.CANDIDATE, bench, 1), answer, tools),)


def _judge(
    item: Prepared, answers: Answers, bench: Bench, more: tuple[CheckResult, ...]
) -> tuple[Judgement, tuple[WindowPicture, ...]]:
    candidate = item.entrant.candidate
    answer = answers.get((candidate.id, Subject.CANDIDATE))
    accounted = account(item, answer, bench, Subject.CANDIDATE)
    incumbent, incumbent_accounted, notes = _incumbent(item, answers, bench, accounted)
    policy = item.policy if incumbent_accounted is not None else without_incumbent(item.policy)
    luck, told = _luck(item, accounted, bench)
    accounted = replace(accounted, measurements=(*accounted.measurements, *luck))
    checks = (*checks_of(item, answer, accounted, notes), *more, *told)
    if bench.expect_same_trades:
        checks = (*checks, same_trades(accounted.windows, incumbent.windows if incumbent else None))
    if bench.earlier is not None and incumbent is not None:
        checks = (*checks, across_engines(accounted.windows, incumbent.windows, bench.earlier.changes))
    compared = (*accounted.measurements, *(incumbent_accounted.measurements if incumbent_accounted else ()))
    verdict = judge(checks, compared, policy)
    found = evidence(item, answer, bench, policy, checks, accounted)
    return Judgement(found, policy, verdict, incumbent, item.entrant.because), _pictures(accounted, incumbent_accounted)


def _pictures(accounted: Accounted, incumbent: Accounted | None) -> tuple[WindowPicture, ...]:
    if incumbent is None or len(incumbent.pictures) != len(accounted.pictures):
        return accounted.pictures
    pairs = zip(accounted.pictures, incumbent.pictures, strict=True)
    return tuple(replace(mine, incumbent=theirs.equity) for mine, theirs in pairs)


def _luck(
    item: Prepared, accounted: Accounted, bench: Bench
) -> tuple[tuple[Measurement, ...], tuple[CheckResult, ...]]:
    """Count the attempt, and measure how much of the result could be luck where the policy demands it and every window has a result."""
    wanted = ROBUSTNESS in item.policy.checks
    if not accounted.windows or len(accounted.windows) != len(item.windows):
        return (), (CheckResult(ROBUSTNESS),) if wanted else ()
    candidate = item.entrant.candidate
    attempts, doubts = gate_attempts.count(candidate, bench.lineages, bench.optimisations.get(candidate.id))
    if not wanted:
        return (), ()
    measured, said = robustness(
        accounted.windows,
        item.frames,
        bench.markets,
        bench.ground.environment.account,
        attempts,
        TIMEFRAMES[item.timeframe],
        bench.ground.environment.slippage.ratio,
    )
    slippage = bench.ground.environment.slippage
    seen = (slipped(slippage.ratio, slippage.source),) if slippage.ratio else ()
    return measured, (CheckResult(ROBUSTNESS, (*doubts, *said, *seen)),)


def _incumbent(
    item: Prepared, answers: Answers, bench: Bench, candidate: Accounted
) -> tuple[Evidence | None, Accounted | None, tuple[Finding, ...]]:
    """The incumbent's evidence and account, or a note why there is none: a broken incumbent must not hold up its own repair."""
    entrant = item.entrant
    if entrant.incumbent is None:
        return None, None, ()
    answer = answers.get((entrant.candidate.id, Subject.INCUMBENT))
    if not bench.runs_incumbent(item):
        answer = answers.get((entrant.candidate.id, Subject.CANDIDATE))
    accounted = account(item, answer, bench, Subject.INCUMBENT)
    if accounted.findings or not accounted.measurements:
        why = accounted.findings[0].reason if accounted.findings else "it was not measured"
        note = Finding(
            "backtest", "incumbent", Outcome.PASS, f"There is no incumbent to compare with: {why}", warning=True
        )
        return None, None, (note,)
    checks = (CheckResult("backtest", accounted.findings),)
    return evidence(item, answer, bench, item.policy, checks, accounted, Subject.INCUMBENT), accounted, ()


def checks_of(
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
