"""Say under a commit what its deployment waits for, so that no merge waits in silence."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.domain.github import MOST_SENTENCE, CommitStatus, DeploymentPage, DeploymentState, StatusState
from pipeline.domain.waiting_job import Sight, Stand, Waited, job_of, sentence_of, sight_of, unheard_sentence
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.ports import Clock, CommitStatuses, DeploymentPages, Narrator, TagPages, WorkflowRuns
from pipeline.render.plain import plain_text

LOOK_SECONDS = 20.0
"""Between two looks: a workflow's token may ask a thousand times an hour, all jobs together."""

SAID_SINCE = "something newer was said meanwhile, and stays"
ENDED = "the job has ended: what became of it is told elsewhere"


@dataclass(frozen=True, slots=True)
class Ground:
    """GitHub, and the time."""

    statuses: CommitStatuses
    runs: WorkflowRuns
    tags: TagPages
    pages: DeploymentPages
    clock: Clock
    narrator: Narrator


@dataclass(frozen=True, slots=True)
class Awaited:
    """A job of a run that deploys a commit to an environment; `link` leads to the run. A tag's commit is told instead, if there is such a tag."""

    environment: str
    sha: str
    job: str
    run_id: int
    minutes: int
    link: str
    tag: str = ""

    @property
    def context(self) -> str:
        """What the line under the commit is called."""
        return context_of(self.environment)


def context_of(environment: str) -> str:
    """What the line of an environment under a commit is called."""
    return f"freqtrain/{environment}"


def wait(awaited: Awaited, ground: Ground) -> Waited:
    """Keep the line up to date until a device takes the job, it ends, or the minutes are over.

    That nobody took it is said as an error, and is none of this verb's: the job still waits, and begins when the device is back. GitHub's page of
    the deployment, where it made one for the job, then says so too: that it is in the queue, and for whom.

    Raises:
        Refused: the token may not do this.
        ToolFailed: GitHub does not answer, to the end; an outage in between is waited for.
    """
    until = ground.clock.now() + timedelta(minutes=awaited.minutes)
    ran_for = awaited.sha
    if awaited.tag:
        awaited = replace(awaited, sha=ground.tags.commit_of(awaited.tag) or awaited.sha)
    line = _Line(awaited, ground)
    queued_since: datetime | None = None
    while True:
        failure: ToolFailed | None = None
        try:
            sight = _look(awaited, ground, line)
            now = ground.clock.now()
            queued_since = (queued_since or now) if sight.stand is Stand.DEVICE else None
            state, sentence = _told(sight, queued_since, now, until, awaited)
            if sight.stand is Stand.ENDED:
                return Waited(sight.stand, left_alone=ENDED)
            if not line.say(state, sentence):
                return Waited(sight.stand, left_alone=SAID_SINCE)
            if state is StatusState.ERROR:
                _tell_page(replace(awaited, sha=ran_for), sentence, ground)
            if sight.stand is Stand.TAKEN or now >= until:
                return Waited(sight.stand, state, sentence)
        except ToolFailed as error:
            ground.narrator.say(error.message)
            failure = error
        left = (until - ground.clock.now()).total_seconds()
        if failure is not None and left <= 0:
            raise failure
        ground.clock.sleep(min(LOOK_SECONDS, max(left, 0.0)))


def _look(awaited: Awaited, ground: Ground, line: "_Line") -> Sight:
    """What was said is read before the job is: what comes later than a job that still waits is nobody's but its own."""
    line.begin()
    job = job_of(ground.runs.jobs(awaited.run_id), awaited.job)
    sight = sight_of(job, (), awaited.environment)
    if sight.stand is not Stand.APPROVAL:
        return sight
    return sight_of(job, ground.runs.waiting(awaited.run_id), awaited.environment)


def _told(
    sight: Sight, queued_since: datetime | None, now: datetime, until: datetime, awaited: Awaited
) -> tuple[StatusState, str]:
    """An alarm only where it was in the queue for most of the time: it may have been approved a moment ago."""
    queued = now - queued_since if queued_since else timedelta()
    if now >= until and queued_since and 2 * queued >= timedelta(minutes=awaited.minutes):
        return StatusState.ERROR, unheard_sentence(sight, int(queued.total_seconds() // 60))
    return StatusState.PENDING, sentence_of(sight)


def _tell_page(awaited: Awaited, sentence: str, ground: Ground) -> None:
    """As far as it goes: the line has it already. A device that takes the job at this very moment has the last word."""

    def say(page: DeploymentPage, state: DeploymentState, told: str) -> None:
        ground.pages.tell(page, state, "", sentence=told, link=awaited.link)

    try:
        page = ground.pages.of_run(awaited.environment, awaited.sha, awaited.run_id)
        if page is None:
            return
        say(page, DeploymentState.QUEUED, sentence)
        sight = sight_of(job_of(ground.runs.jobs(awaited.run_id), awaited.job), (), awaited.environment)
        if sight.stand is Stand.TAKEN:
            say(page, DeploymentState.IN_PROGRESS, sentence_of(sight))
    except FreqtrainError as error:
        ground.narrator.say(f"the page of the deployment could not be told: {error.message}")


@dataclass(slots=True)
class _Line:
    """The line under the commit: it is ours until somebody else says something. Then theirs stays, whoever was quicker."""

    awaited: Awaited
    ground: Ground
    own: list[CommitStatus] = field(default_factory=list)
    now: CommitStatus | None = None
    newest_before: int | None = None

    def begin(self) -> None:
        """Note what was said before, once."""
        if self.newest_before is None:
            self.newest_before = max((one.id for one in self._listed()), default=0)

    def say(self, state: StatusState, sentence: str) -> bool:
        """Whether it says so now. What somebody said between our look and our word is said once more, because the latest counts."""
        told = plain_text(sentence, MOST_SENTENCE)
        wanted = CommitStatus(self.awaited.context, state, told, self.awaited.link)
        if self.now == wanted:
            return True
        if self._others(self._listed()):
            return False
        self.own.append(wanted)
        self.ground.statuses.set(self.awaited.sha, wanted)
        self.now, listed = wanted, self._listed()
        others = self._others(listed)
        if others and listed[0] != others[0]:
            self.ground.statuses.set(self.awaited.sha, others[0])
        return not others

    def _listed(self) -> tuple[CommitStatus, ...]:
        return self.ground.statuses.of_context(self.awaited.sha, self.awaited.context)

    def _others(self, listed: tuple[CommitStatus, ...]) -> list[CommitStatus]:
        assert self.newest_before is not None
        return [one for one in listed if one.id > self.newest_before and one not in self.own]
