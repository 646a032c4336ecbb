"""A person's yes on GitHub, before anything boards: who may say it, who wrote what boards, and whether it is a yes to exactly that."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pipeline.domain.canonical import digest_bytes
from pipeline.domain.github import Person
from pipeline.domain.trading import Team, TradingEnvironment
from pipeline.domain.train.approval import Wanted, text
from pipeline.domain.train.approval_github import (
    Answered,
    Approvers,
    Where,
    Writers,
    approver,
    check_github,
    what_was_asked,
)
from pipeline.domain.train.decisions import Approved
from pipeline.domain.train.named import Written
from pipeline.domain.train.state import Question
from pipeline.domain.verdict import Outcome
from pipeline.errors import Refused, ToolFailed
from pipeline.ports import Clock, People, Tags, WorkflowRuns

_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_NO_REPLY = re.compile(r"(\d+)\+([A-Za-z0-9-]+(?:\[bot\])?)@users\.noreply\.github\.com", re.ASCII)
"""The address that GitHub gives to an account: its number, and its login when it was given."""


@dataclass(frozen=True, slots=True)
class OnGitHub:
    """What is asked about a run: of which repository (owner/name), how its protected main is called there, and who may approve as main has it."""

    repository: str
    branch: str
    runs: WorkflowRuns
    people: People
    approvers: Callable[[], Approvers]


@dataclass(frozen=True, slots=True)
class Sought:
    """What a run is to have been approved for: what boards now, the tag (empty: none) and the words that name it, and the commits that it came by."""

    run: int
    wanted: Wanted
    tag: str
    source: str
    written: tuple[Written, ...]


def approve_github(
    sought: Sought,
    question: Question | None,
    environment: TradingEnvironment,
    clock: Clock,
    tags: Tags,
    github: OnGitHub,
) -> Approved:
    """The fact that a person approved, not yet recorded.

    Raises:
        Refused: it is no yes to exactly that, and the message lists everything that speaks against it; or the token may not ask.
        ToolFailed: GitHub did not answer.
    """
    allowed = who_may(environment, github)
    writers = Writers() if allowed.solo else who_wrote(sought.written, github.people)
    run = github.runs.get(sought.run)
    if run.id != sought.run:
        raise ToolFailed(f"GitHub was asked for run {sought.run} and told of run {run.id}", hint="try again later")
    answered = Answered(run, github.runs.reviews(sought.run))
    on_main = _COMMIT.fullmatch(run.sha) is not None and tags.is_ancestor(run.sha, tags.main())
    verdict = check_github(
        question,
        answered,
        Where(github.repository, github.branch, sought.tag, on_main),
        sought.wanted,
        sought.source,
        clock.now(),
        approvers=allowed,
        writers=writers,
        valid_for=environment.approval.valid_for,
    )
    who = approver(answered.reviews, environment.name, allowed, writers)
    if question is None or not who or verdict.outcome is not Outcome.PASS:
        told = "\n".join(f"  {found.reason}" for found in verdict.findings if found.outcome is not Outcome.PASS)
        raise Refused(
            f"run {sought.run} on GitHub is no approval for '{environment.name}', and nothing boards:\n{told}",
            hint="run the workflow anew, and have it approved by somebody who may; or sign: --plan says what",
        )
    wanted, asked = sought.wanted, what_was_asked(question)
    return Approved(
        environment.name,
        tuple(sorted(wanted.bundles)),
        wanted.policy,
        f"@{who}",
        asked.expires_at,
        digest_bytes(text(asked).encode()),
        sought.run,
    )


def who_may(environment: TradingEnvironment, github: OnGitHub) -> Approvers:
    """Who may approve. The author may only where both the environment and the protected main say that there is nobody else.

    Raises:
        Refused: nobody is named, and the repository's owner is no person; or the protected main does not say who may.
        ToolFailed: GitHub did not answer.
    """
    named = github.approvers()
    solo = named.solo and environment.approval.team is Team.SOLO
    if named.people or named.teams or not named.solo:
        return replace(named, solo=solo)
    owner = github.people.owner()
    if owner is None:
        raise Refused(
            f"{github.repository} belongs to an organization and names no approvers, so nobody can approve on GitHub",
            hint="approvers: ['@name'] in .github/freqtrain.yml on main",
        )
    return Approvers(frozenset({owner.login}), solo=solo)


def who_wrote(written: Iterable[Written], people: People) -> Writers:
    """The accounts behind commits: GitHub is asked once for each address, since it knows people by theirs."""
    commits = {one.author.casefold(): one for one in written}
    others = {address for one in written for address in one.others if address.casefold() not in commits}
    found, unknown = set[Person](), []
    for address, one in sorted(commits.items()):
        who = people.author_of(one.commit) if address else None
        if who is None:
            unknown.append(f"{one.author or 'the author'} of {one.commit[:12]}")
        else:
            found.add(who)
    for address in sorted(others):
        who = _by_address(address) or people.known_as(address)
        if who is None:
            unknown.append(address)
        else:
            found.add(who)
    return Writers(frozenset(found), tuple(unknown))


def _by_address(address: str) -> Person | None:
    given = _NO_REPLY.fullmatch(address)
    return Person(given[2], int(given[1])) if given else None
