"""What GitHub tells us and is told, in plain data. Whatever people can write there is as hostile as any text of strangers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Person:
    """An account; a login may be given to somebody else later, an id never."""

    login: str
    id: int


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request: where its commits come from (owner/name, branch, commit), and which branch it is for.

    `head_repository` is empty where that repository is gone.
    """

    number: int
    head_repository: str
    head_branch: str
    head_sha: str
    into_branch: str
    author: Person | None
    url: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of ours."""

    id: int
    text: str
    url: str


MOST_SENTENCE = 140
"""Characters of what GitHub takes to a commit status or a deployment's."""


class StatusState(StrEnum):
    """What a commit status may say."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CommitStatus:
    """One line under a commit; the latest of a context counts. A later one has a larger `id` (0: not said yet); two of one content are the same."""

    context: str
    state: StatusState
    sentence: str
    link: str = ""
    id: int = field(default=0, compare=False)


class DeploymentState(StrEnum):
    """What GitHub's page of deployments may say."""

    QUEUED = "queued"
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class DeploymentPage:
    """A deployment as GitHub shows it: not the fact that something runs, which only the device knows."""

    id: int
    environment: str
    sha: str


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """A release as GitHub shows it; `upload_url` is where it takes assets."""

    id: int
    tag: str
    text: str
    url: str
    upload_url: str
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of a release; `digest` (`sha256:` and 64 digits) is empty where GitHub reports none. It is whole only if `uploaded`."""

    id: int
    name: str
    size: int
    digest: str
    uploaded: bool
    url: str


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """One run of a workflow; `workflow` is the file's path in the repository. `conclusion` is empty while it runs.

    `number` counts the workflow's runs; a later attempt keeps it. `started_at` is when the latest attempt began, None where GitHub does not say.
    """

    id: int
    attempt: int
    workflow: str
    event: str
    sha: str
    branch: str
    head_repository: str
    status: str
    conclusion: str
    url: str
    created_at: datetime
    number: int = 0
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkflowJob:
    """One job of a run's latest attempt; `conclusion` is empty while it waits or runs, `runner` while nobody has taken it."""

    id: int
    name: str
    status: str
    conclusion: str
    labels: tuple[str, ...]
    runner: str
    url: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a run left; `digest` is that of the whole zip file, empty where GitHub reports none, as is `created_at`."""

    id: int
    name: str
    size: int
    digest: str
    expired: bool
    run_id: int
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody answered to a run that waited before environments: `state` is approved, rejected or pending."""

    state: str
    by: Person
    environments: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class WaitingDeployment:
    """An environment that a run waits before, and who may let it in (logins, and teams as `@slug`)."""

    environment: str
    reviewers: tuple[str, ...]
    we_may_approve: bool


@dataclass(frozen=True, slots=True)
class IssuePage:
    """An issue of ours."""

    number: int
    url: str
    open: bool


@dataclass(frozen=True, slots=True)
class Runner:
    """A self-hosted runner, as GitHub sees it."""

    name: str
    online: bool
    busy: bool
    labels: frozenset[str]
