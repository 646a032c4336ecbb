"""An approval that was given on GitHub, where a run waits before an environment: whether it is a yes to exactly what boards. Doubt is a no."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.github import Person, Review, WorkflowRun
from pipeline.domain.train.approval import Approval, Wanted, bindings, times
from pipeline.domain.train.state import Question
from pipeline.domain.verdict import Finding, Outcome, Verdict

CHECK = "approval"
STARTED_BY = ("workflow_dispatch", "push")
"""A person's button or a pushed tag; whatever else can start a run, strangers can start."""

APPROVED, REJECTED, ENDED = "approved", "rejected", "completed"


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may approve: logins, and teams ('@organization/team'), of which nobody can ask with a workflow's token who is in them.

    `solo`: the author may, because there is nobody else.
    """

    people: frozenset[str]
    teams: tuple[str, ...] = ()
    solo: bool = False

    def __contains__(self, who: Person) -> bool:
        return any(_same(who.login) == _same(login) for login in self.people)


@dataclass(frozen=True, slots=True)
class Writers:
    """Who wrote what boards: accounts, whose logins may change and whose numbers do not, and addresses for which GitHub knows none."""

    people: frozenset[Person] = frozenset()
    unknown: tuple[str, ...] = ()

    def __contains__(self, who: Person) -> bool:
        return any(who.id == one.id or _same(who.login) == _same(one.login) for one in self.people)


@dataclass(frozen=True, slots=True)
class Where:
    """The run that counts: one of this repository (owner/name), for this tag (empty: none) or this branch, with its commit on the protected main."""

    repository: str
    branch: str
    tag: str
    on_main: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What GitHub says of a run: the run itself, and all answers to it, those of earlier attempts too, without their times."""

    run: WorkflowRun
    reviews: tuple[Review, ...]


def workflow_of(environment: str) -> str:
    """The file whose runs may be approved for an environment."""
    return f".github/workflows/{environment}.yml"


def what_was_asked(question: Question) -> Approval:
    """The question as that to which somebody says yes."""
    asked = question.asked
    wanted = Wanted(asked.environment, frozenset(asked.bundles), asked.policy)
    return Approval(wanted, question.asked_at, asked.expires_at)


def check_github(
    question: Question | None,
    answered: Answered,
    where: Where,
    wanted: Wanted,
    source: str,
    now: datetime,
    *,
    approvers: Approvers,
    writers: Writers,
    valid_for: timedelta,
) -> Verdict:
    """Whether the answers let what is wanted board: a finding for each rule, and PASS only if all of them hold.

    Args:
        question: what the run asked first; None where this device was asked nothing by it.
        answered: GitHub's word.
        where: from where the run has to come.
        wanted: computed afresh from what would board now, never from the question.
        source: the tag or commit that names what boards now, as the ledger writes it.
        now: aware UTC.
        approvers: who may approve, as the protected main has it.
        writers: who wrote what boards.
        valid_for: the longest that the environment lets an approval hold.
    """
    found = [*_run(answered.run, where, wanted.environment), *_asked(question, wanted, source, now, valid_for)]
    found += _answers(answered.reviews, wanted.environment, approvers, writers)
    return Verdict(tuple(Finding(CHECK, rule, Outcome.PASS if ok else Outcome.FAIL, told) for rule, ok, told in found))


def approver(reviews: Sequence[Review], environment: str, approvers: Approvers, writers: Writers) -> str:
    """The login of somebody who said yes for the environment and may; empty where nobody did."""
    yes = [one.by for one in _of(reviews, environment) if one.state == APPROVED and one.by in approvers]
    return next((who.login for who in yes if approvers.solo or who not in writers), "")


def _run(run: WorkflowRun, where: Where, environment: str) -> Iterator[tuple[str, bool, str]]:
    wanted = workflow_of(environment)
    yield (
        "workflow",
        run.workflow == wanted,
        f"The run is one of {run.workflow}, and '{environment}' is approved by {wanted}.",
    )
    mine = _same(run.head_repository) == _same(where.repository)
    yield (
        "repository",
        mine,
        f"The run is for {run.head_repository or 'no repository'}, and this is {where.repository}.",
    )
    yield "event", run.event in STARTED_BY, f"The run was started by '{run.event}'."
    refs = [name for name in (where.branch, where.tag) if name]
    yield "ref", run.branch in refs, f"The run is one of '{run.branch}', and this is {' or '.join(refs)}."
    yield "commit", where.on_main, f"The run's commit {run.sha[:12]} is to be on the protected main."
    yield "running", run.status != ENDED, f"The run is '{run.status}', and an approval ends with its run."


def _asked(
    question: Question | None, wanted: Wanted, source: str, now: datetime, valid_for: timedelta
) -> Iterator[tuple[str, bool, str]]:
    if question is None:
        told = (
            "This device was asked nothing by this run, so nobody knows what was approved: `promote --ask` comes first."
        )
        yield "asked", False, told
        return
    asked = what_was_asked(question)
    yield from bindings(asked.wanted, wanted)
    yield from times(asked, now, valid_for)
    same = question.asked.source == source
    yield "source", same, f"The run asked for {question.asked.source}, and this is {source}."


def _answers(
    reviews: Sequence[Review], environment: str, approvers: Approvers, writers: Writers
) -> Iterator[tuple[str, bool, str]]:
    here = _of(reviews, environment)
    against = [f"@{one.by.login}" for one in here if one.state == REJECTED]
    told = f"{', '.join(against)} said no" if against else "Nobody said no"
    yield "rejection", not against, f"{told} to '{environment}' in this run."
    if not approvers.solo:
        known = bool(writers.people) and not writers.unknown
        lacks = f" for {', '.join(writers.unknown)}" if writers.unknown else ""
        yield "authors", known, f"GitHub knows no account{lacks}, so nobody can be told apart from the author."
    yield "approver", *_approver(here, environment, approvers, writers)


def _approver(here: Sequence[Review], environment: str, approvers: Approvers, writers: Writers) -> tuple[bool, str]:
    if login := approver(here, environment, approvers, writers):
        return True, f"@{login} approved '{environment}'."
    who = ", ".join(f"@{login}" for login in sorted(approvers.people)) or "nobody"
    may = f"may: {who}."
    if approvers.teams:
        may += f" Who is in {', '.join(approvers.teams)}, a workflow's token cannot ask: name people."
    yes = [one.by for one in here if one.state == APPROVED]
    if not yes:
        return False, f"Nobody approved '{environment}' in this run; {may}"
    told = {
        f"@{who.login} approved and {'is an author of what boards' if who in approvers else 'may not'}" for who in yes
    }
    return False, f"{'; '.join(sorted(told))}. Who {may}"


def _of(reviews: Sequence[Review], environment: str) -> tuple[Review, ...]:
    return tuple(one for one in reviews if environment in one.environments)


def _same(name: str) -> str:
    return name.strip().casefold()
