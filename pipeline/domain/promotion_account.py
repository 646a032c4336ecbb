"""What a device's job says of a promotion, and how GitHub says that the job ended: what is told under the commit, in the release and in issues."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.canonical import digest
from pipeline.domain.github import DeploymentState, StatusState
from pipeline.domain.train.boarding import Boards
from pipeline.domain.verdict import Outcome
from pipeline.errors import ExitCode

TO_RUN = frozenset({Boards.BOARDS, Boards.ANYWAY, Boards.THERE})
"""Whose bundle is one of the set that is to run."""

MOVES = frozenset({Boards.BOARDS, Boards.ANYWAY, Boards.RETIRES, Boards.STOPS})

TAKEN_BACK = frozenset({ExitCode.UNDONE, ExitCode.TOOL})
"""What ran before runs again; or it could not be brought back, which is worse."""


class Ended(StrEnum):
    """How GitHub says that a job ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class SeatAccount:
    """One strategy: its bundle, what was decided and why; `findings` are what it showed, each with its outcome."""

    strategy: str
    bundle: str
    decision: Boards
    reason: str
    findings: tuple[tuple[Outcome, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptAccount:
    """What became of one strategy's deployment; `runs` is the bundle that stands since, empty where that is not known."""

    strategy: str
    code: ExitCode
    told: str
    hint: str = ""
    runs: str = ""


@dataclass(frozen=True, slots=True)
class PromotionAccount:
    """What a device says of a promotion.

    `planned`: nothing was to be done, it was a plan or a question. `told` and `hint` say why nothing was decided. `run` (`ID.ATTEMPT`) is the
    job's own, where it had one.
    """

    code: ExitCode
    environment: str
    tag: str
    commit: str
    planned: bool
    to_sign: bool
    told: str
    hint: str
    seats: tuple[SeatAccount, ...]
    attempts: tuple[AttemptAccount, ...]
    approved_by: str = ""
    run: str = ""

    @property
    def moves(self) -> bool:
        """Whether anything boards or leaves; where nothing does, a plan is all that there is."""
        return any(seat.decision in MOVES for seat in self.seats)

    @property
    def digest(self) -> str:
        """The digest of the set that is to run in the environment; empty where that is nothing."""
        bundles = {seat.strategy: seat.bundle for seat in self.seats if seat.decision in TO_RUN}
        return digest({"environment": self.environment, "bundles": bundles}) if bundles else ""

    @property
    def taken_back(self) -> tuple[AttemptAccount, ...]:
        """The deployments that did not work out."""
        return tuple(one for one in self.attempts if one.code in TAKEN_BACK)

    def seat(self, strategy: str) -> SeatAccount | None:
        """A strategy's seat."""
        return next((seat for seat in self.seats if seat.strategy == strategy), None)


@dataclass(frozen=True, slots=True)
class Deploy:
    """A job that deployed, or was to: for which commit and tag (empty: none), in which run, and how it ended.

    `run` is its id and attempt, `link` leads to it. `run_sha` is the commit for which GitHub ran it, where that is another one. `typed`: the
    tag is a name that somebody wrote, and GitHub did not start the run for it; it may not be there. `chosen`: nobody named one, and the device was to
    choose it. `job` is what GitHub calls the job; empty where it is not asked about it.
    """

    environment: str
    sha: str
    tag: str
    ended: Ended
    run: tuple[int, int]
    link: str
    run_sha: str = ""
    typed: bool = False
    chosen: bool = False
    job: str = ""

    @property
    def run_name(self) -> str:
        """`ID.ATTEMPT`."""
        return f"{self.run[0]}.{self.run[1]}"

    @property
    def named(self) -> str:
        """What was to be deployed."""
        return f"tag {self.tag}" if self.tag else f"commit {self.sha[:12]}"


def unbelieved(account: PromotionAccount, deploy: Deploy) -> str:
    """Why what a device left is not about this job, or contradicts what GitHub says of it; empty where it fits."""
    if account.environment != deploy.environment or deploy.tag not in ("", account.tag):
        return "what the device left is about another environment or tag"
    if account.run and not _of_run(account.run, deploy.run):
        return "what the device left is of another run"
    if account.planned and (account.moves or deploy.ended is not Ended.SUCCESS):
        return "what the device left is only a plan"
    if deploy.ended is Ended.SUCCESS and account.code is not ExitCode.DONE:
        return "what the device left says something else than the job"
    return ""


def _of_run(name: str, run: tuple[int, int]) -> bool:
    """Whether that is the run, or an earlier attempt of it: only the jobs that failed may have been run again."""
    id, _, attempt = name.partition(".")
    return int(id) == run[0] and int(attempt) <= run[1]


def status_of(deploy: Deploy, account: PromotionAccount | None) -> StatusState:
    """The job's end is GitHub's word. A failure of which nobody knows more is an error."""
    if deploy.ended is Ended.SUCCESS:
        return StatusState.SUCCESS
    return StatusState.FAILURE if deploy.ended is Ended.FAILURE and account else StatusState.ERROR


def page_of(deploy: Deploy) -> DeploymentState:
    """The same for GitHub's page of the deployment."""
    if deploy.ended is Ended.SUCCESS:
        return DeploymentState.SUCCESS
    return DeploymentState.FAILURE if deploy.ended is Ended.FAILURE else DeploymentState.ERROR
