"""One verdict from those of many shards: what arrived is held against what was planned, and believed no further."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain.evidence_record import EvidenceRecord, Present, judged_again, policy_for, strangeness
from pipeline.domain.verdict import Finding, Outcome, Subject

SUCCESS, FAILURE, CANCELLED, SKIPPED = "success", "failure", "cancelled", "skipped"
RESULTS = (SUCCESS, FAILURE, CANCELLED, SKIPPED)
"""How GitHub says that a job ended."""

CHECK = "join"
NOTHING_ARRIVED = "No verdict arrived: the job that judges it died, was cancelled, or could not deliver."


@dataclass(frozen=True, slots=True)
class Expected:
    """A strategy of which exactly one verdict must arrive.

    `incumbent` is the content digest of what it would replace, "" where there is nothing; `because` says why it was chosen.
    """

    present: Present
    incumbent: str = ""
    because: str = ""

    @property
    def strategy(self) -> str:
        return self.present.candidate.id


@dataclass(frozen=True, slots=True)
class Delivered:
    """What arrived at one place: evidence, or the `problem` that keeps it from being read. `strategy` is what the place is called."""

    place: str
    strategy: str
    record: EvidenceRecord | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the job that planned and the jobs that judged ended, in GitHub's words."""

    plan: str = SUCCESS
    shards: str = SUCCESS


@dataclass(frozen=True, slots=True)
class JoinedVerdict:
    """What came of one planned strategy. `record` is its evidence, where there is one that holds; `reasons` are empty for a PASS."""

    strategy: str
    outcome: Outcome
    reasons: tuple[Finding, ...]
    because: str
    record: EvidenceRecord | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The verdicts in the order of the plan, what is wrong with the run as a whole, and whether the market was simulated."""

    verdicts: tuple[JoinedVerdict, ...]
    problems: tuple[str, ...]
    simulated: bool

    @property
    def outcome(self) -> Outcome:
        """The worst of all; PASS where nothing was planned and nothing is wrong."""
        worst = max((verdict.outcome for verdict in self.verdicts), default=Outcome.PASS)
        return max(worst, Outcome.ERROR) if self.problems else worst


def join(expected: Sequence[Expected], delivered: Sequence[Delivered], ended: Ended, *, simulated: bool) -> Joined:
    """Demand of every planned strategy exactly one verdict, for exactly what is there now, that holds when it is judged again.

    Args:
        expected: what the plan says, computed anew from the commit and not read from anywhere.
        delivered: what the shards left; whoever runs a strategy may have written it.
        ended: how the jobs ended.
        simulated: whether the data set is.
    """
    verdicts = tuple(_verdict(one, [d for d in delivered if d.strategy == one.strategy]) for one in expected)
    planned = {one.strategy for one in expected}
    strays = [f"{one.place} is no verdict that was planned." for one in delivered if one.strategy not in planned]
    return Joined(verdicts, (*_jobs(verdicts, ended), *strays), simulated)


def _jobs(verdicts: Sequence[JoinedVerdict], ended: Ended) -> Iterator[str]:
    if ended.plan != SUCCESS:
        yield f"The job that plans ended with {ended.plan!r}, so nobody knows what had to be judged."
    elif not verdicts and ended.shards not in (SKIPPED, SUCCESS):
        yield f"Nothing was planned, and yet the jobs that judge ended with {ended.shards!r}."
    elif ended.shards != SUCCESS and verdicts and all(verdict.outcome is Outcome.PASS for verdict in verdicts):
        yield f"Every verdict is PASS, and yet the jobs that judge ended with {ended.shards!r}."


def _verdict(expected: Expected, delivered: Sequence[Delivered]) -> JoinedVerdict:
    if len(delivered) != 1:
        places = ", ".join(one.place for one in delivered)
        told = f"{len(delivered)} verdicts arrived instead of one: {places}." if delivered else NOTHING_ARRIVED
        return _error(expected, told)
    (one,) = delivered
    if one.record is None:
        return _error(expected, f"{one.place} {one.problem}.")
    if wrong := tuple(_objections(expected, one.record)):
        return _error(expected, *(f"{one.place}: {told}" for told in wrong))
    policy = policy_for(expected.present.candidate, expected.present.environment, incumbent=bool(one.record.incumbent))
    again = judged_again(one.record, policy)
    if one.record.outcome is not again.outcome:
        told = f"calls itself {one.record.outcome.name}, and judged again it is {again.outcome.name}."
        return _error(expected, f"{one.place} {told}")
    if Counter(one.record.findings) != Counter(again.findings):
        return _error(expected, f"{one.place}, judged again on its own numbers, has other findings than it lists.")
    return JoinedVerdict(expected.strategy, again.outcome, again.reasons(), expected.because, one.record)


def _objections(expected: Expected, record: EvidenceRecord) -> Iterator[str]:
    yield from strangeness(record, expected.present)
    if record.incumbent and record.incumbent != expected.incumbent:
        yield "It was compared with another incumbent than the one that this change would replace."
    elif expected.incumbent and not record.incumbent and record.outcome is Outcome.PASS and not _says_why(record):
        yield "It was compared with no incumbent, though there is one, and does not say why."


def _says_why(record: EvidenceRecord) -> bool:
    """Whether the gate noted that the incumbent could not be measured."""
    return any(finding.rule == Subject.INCUMBENT and finding.warning for finding in record.findings)


def _error(expected: Expected, *told: str) -> JoinedVerdict:
    reasons = tuple(Finding(CHECK, "delivery", Outcome.ERROR, reason) for reason in told)
    return JoinedVerdict(expected.strategy, Outcome.ERROR, reasons, expected.because)
