"""Tell a pull request how its gate ended: in one comment, kept up to date, with nothing in it that the change's own code could have put there."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.domain.gate_account import ARTIFACT, EVENT, WORKFLOW, Commented, Ending, GateAccount, RunStory, ending_of
from pipeline.domain.github import Artifact, WorkflowRun
from pipeline.errors import Refused
from pipeline.ports import Comments, PullRequests, WorkflowRuns
from pipeline.render.gate_comment import comment_markdown, told_run

NAME = "gate"
MOST_BYTES = 4 * 2**20
"""Of the zip file that holds the summary."""

NO_PULL_REQUEST = "no open pull request has its commit as the head: it was pushed again, or closed"


@dataclass(frozen=True, slots=True)
class Ground:
    """GitHub, and how a summary is read; `read` raises Refused where it is not to be believed."""

    pulls: PullRequests
    comments: Comments
    runs: WorkflowRuns
    read: Callable[[bytes], GateAccount]


def comment(run_id: int, ground: Ground) -> Commented:
    """Find the pull request of a finished run, and keep its comment up to date. Twice is as once.

    A fork's run does not name its pull request, so it is found by the head's repository, branch and commit.

    Raises:
        Refused: it is no run of gate.yml for a pull request, or the token may not do this.
        ToolFailed: GitHub does not answer; nothing was written, or the whole comment was.
    """
    run = ground.runs.get(run_id)
    if (run.workflow, run.event) != (WORKFLOW, EVENT):
        raise Refused(
            f"run {run_id} is no run of {WORKFLOW} for a pull request", hint="give the number in the address of one"
        )
    if run.status != "completed":
        return Commented({}, ("it runs, perhaps again: its end is told when it is there",))
    pulls = _pulls(run, ground)
    return (
        _kept(run, comment_markdown(_story(run, pulls, ground)), ground) if pulls else Commented({}, (NO_PULL_REQUEST,))
    )


def _pulls(run: WorkflowRun, ground: Ground) -> tuple[int, ...]:
    """The open pull requests whose head its commit is now."""
    found = ground.pulls.of_head(run.head_repository, run.sha, run.branch) if run.head_repository else ()
    return tuple(sorted(one.number for one in found))


def _kept(run: WorkflowRun, text: str, ground: Ground) -> Commented:
    """Write, unless something newer is there. It is looked at right before: reading what the run left may have taken minutes."""
    comments, left_alone = {}, []
    pulls = _pulls(run, ground)
    for number in pulls:
        before = ground.comments.find(number, NAME)
        if before is not None and told_run(before.text) > (run.number, run.attempt):
            left_alone.append(f"#{number} tells of a newer run already")
        else:
            comments[number] = ground.comments.keep(number, NAME, text)
    return Commented(comments, tuple(left_alone) if pulls else (NO_PULL_REQUEST,))


def _story(run: WorkflowRun, pulls: tuple[int, ...], ground: Ground) -> RunStory:
    ending = ending_of(run, ground.runs.jobs(run.id))
    account, missing = (None, "") if ending in (Ending.CANCELLED, Ending.WAITS) else _account(run, ending, ground)
    return RunStory(run, ending, account, missing, pulls)


def _account(run: WorkflowRun, ending: Ending, ground: Ground) -> tuple[GateAccount | None, str]:
    """What the run says of itself, or why there is nothing of it to be believed."""
    found = [one for one in ground.runs.artifacts(run.id, ARTIFACT) if _of_this_attempt(one, run)]
    if not found:
        return None, "The run left no summary."
    newest = found[0]
    if wrong := _unfit(newest):
        return None, wrong
    content = ground.runs.fetch(newest, MOST_BYTES)
    try:
        account = ground.read(content)
    except Refused as error:
        return None, f"What the run left is not used: {error.message}."
    if (account.outcome.name == "PASS") is not (ending is Ending.PASSED):
        return None, "What the run left is not used: it says something else than the check."
    return account, ""


def _of_this_attempt(artifact: Artifact, run: WorkflowRun) -> bool:
    """What an earlier attempt left stays with the run."""
    return run.started_at is None or artifact.created_at is None or artifact.created_at >= run.started_at


def _unfit(artifact: Artifact) -> str:
    if artifact.expired:
        return "The summary that the run left has expired."
    if not artifact.digest:
        return "What the run left is not used: GitHub reports no digest of it."
    if artifact.size > MOST_BYTES:
        return f"What the run left is not used: it is larger than {MOST_BYTES // 2**20} MiB."
    return ""
