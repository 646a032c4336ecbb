"""What a job of a run waits for, as GitHub tells it, and what a person reads about that."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from pipeline.domain.github import Review, StatusState, WaitingDeployment, WorkflowJob


class Stand(Enum):
    """How far a job is."""

    NOT_LISTED = auto()
    """GitHub lists a job only when those before it have ended."""

    APPROVAL = auto()
    TURN = auto()
    """Another run is at work, and one follows the other."""

    DEVICE = auto()
    TAKEN = auto()
    ENDED = auto()


STANDS = {
    "waiting": Stand.APPROVAL,
    "pending": Stand.TURN,
    "queued": Stand.DEVICE,
    "requested": Stand.DEVICE,
    "in_progress": Stand.TAKEN,
    "completed": Stand.ENDED,
}
"""What GitHub calls them."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A job as it was seen; `reviewers` may let it in."""

    stand: Stand
    labels: tuple[str, ...] = ()
    runner: str = ""
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waited:
    """How a wait ended: what the line under the commit says by now of our making, or why it was left alone."""

    stand: Stand
    state: StatusState | None = None
    sentence: str = ""
    left_alone: str = ""


def job_of(jobs: Sequence[WorkflowJob], name: str) -> WorkflowJob | None:
    """The job of that name; of several (a matrix) one that has not ended."""
    named = [job for job in jobs if job.name == name]
    return next((job for job in named if STANDS.get(job.status) is not Stand.ENDED), named[-1] if named else None)


def sight_of(job: WorkflowJob | None, waiting: Sequence[WaitingDeployment], environment: str) -> Sight:
    """What it waits for; a status that GitHub invents later counts as a wait for the device."""
    if job is None:
        return Sight(Stand.NOT_LISTED)
    stand = STANDS.get(job.status, Stand.DEVICE)
    reviewers = tuple(name for one in waiting if one.environment == environment for name in one.reviewers)
    return Sight(stand, job.labels, job.runner, reviewers if stand is Stand.APPROVAL else ())


def sentence_of(sight: Sight) -> str:
    """What is said while it waits, in at most some hundred characters."""
    if sight.stand is Stand.NOT_LISTED:
        return "waits for the jobs before it"
    if sight.stand is Stand.APPROVAL:
        who = f" by {', '.join(sight.reviewers)}" if sight.reviewers else ", or for the environment's timer"
        return f"waits for an approval{who}"
    if sight.stand is Stand.TURN:
        return "waits for its turn: another run is at work"
    if sight.stand is Stand.TAKEN:
        return f"the device {sight.runner} is at work" if sight.runner else "the device is at work"
    return "waits for the device"


def unheard_sentence(sight: Sight, minutes: int) -> str:
    """What is said when nobody took it for so long."""
    labels = ", ".join(sight.labels) or "self-hosted"
    told = f"no device with the labels {labels} took it for {minutes} minutes"
    return f"{told}: it is offline or busy; it begins when the device is back"


def untaken_sentence(job: WorkflowJob, reviews: Sequence[Review], environment: str, what: str) -> str:
    """Who lacks what was to be deployed, where no device ever took the job: nobody let it in, or the device was off; empty where one took it."""
    if job.runner:
        return ""
    refused = [one.by.login for one in reviews if one.state == "rejected" and environment in one.environments]
    if refused:
        return f"no device was asked: {refused[-1]} did not let it into '{environment}', which lacks {what}"
    labels = ", ".join(job.labels) or "self-hosted"
    return f"no device took the job: the one with the labels {labels} lacks {what}"
