"""A finished run of the gate, as a comment tells it: how GitHub says that it ended, and what it says of itself, which a stranger may have written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from pipeline.domain.github import Comment, WorkflowJob, WorkflowRun
from pipeline.domain.verdict import Measurement, Outcome

WORKFLOW = ".github/workflows/gate.yml"
EVENT = "pull_request"
JOB = "gate"
"""The check that main requires."""

ARTIFACT = "joined"
FILE = "joined.json"
"""The one verdict as data: the only file that is read of what a run left."""

TOLD = ("trades", "profit_total_ratio", "excess_ratio", "profit_factor", "drawdown_max_ratio", "sharpe", "attempts")
"""The metrics of it."""


class Ending(Enum):
    """What GitHub says of the check."""

    PASSED = auto()
    RED = auto()
    CANCELLED = auto()
    WAITS = auto()
    """A maintainer has to let a stranger's run begin."""

    NO_VERDICT = auto()


@dataclass(frozen=True, slots=True)
class StrategyAccount:
    """What a run says of one strategy."""

    id: str
    outcome: Outcome
    reasons: tuple[str, ...]
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class GateAccount:
    """What a run says of itself."""

    strategies: tuple[StrategyAccount, ...]
    problems: tuple[str, ...]
    simulated: bool

    @property
    def outcome(self) -> Outcome:
        """As `Joined.outcome`: the worst of all; PASS where nothing was judged and nothing is wrong."""
        worst = max((one.outcome for one in self.strategies), default=Outcome.PASS)
        return max(worst, Outcome.ERROR) if self.problems else worst


@dataclass(frozen=True, slots=True)
class RunStory:
    """Everything that a comment says. `account` is None where there is none to be believed, and `missing` says why (empty: there need be none).

    `pulls` are the open pull requests whose head the run's commit is.
    """

    run: WorkflowRun
    ending: Ending
    account: GateAccount | None
    missing: str
    pulls: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Commented:
    """The comments that are up to date now, by pull request; and why others were left as they are."""

    comments: Mapping[int, Comment]
    left_alone: tuple[str, ...]


def ending_of(run: WorkflowRun, jobs: Sequence[WorkflowJob]) -> Ending:
    """How the check ended. A change brings its own workflow file: where several jobs are called like the check, all must have passed."""
    ended = {job.conclusion for job in jobs if job.name == JOB}
    if ended == {"success"}:
        return Ending.PASSED
    if run.conclusion == "action_required":
        return Ending.WAITS
    if run.conclusion == "cancelled" or "cancelled" in ended:
        return Ending.CANCELLED
    return Ending.RED if "failure" in ended else Ending.NO_VERDICT
