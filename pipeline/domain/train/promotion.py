"""What came of a promotion: who boards and why, what is to be signed, and how each deployment ended; or that there was none."""

from dataclasses import dataclass

from pipeline.domain.train.boarding import Boarding
from pipeline.domain.train.decisions import Approved
from pipeline.domain.train.state import Question
from pipeline.errors import ExitCode

WORST = (ExitCode.TOOL, ExitCode.UNDONE, ExitCode.LOCKED, ExitCode.REFUSED, ExitCode.USAGE)
"""From a bot that could not be brought back to a request that made no sense; the code of a promotion is the worst of its attempts'."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one strategy: deployed or retired (`code` DONE), or what went wrong; then `runs` is the bundle that stands all the same."""

    strategy: str
    code: ExitCode
    told: str
    hint: str = ""
    runs: str = ""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A tag's or a commit's promotion for an environment.

    `to_sign` is the text that a person has to sign before anything boards, empty where nobody has to, or has. `question` is what a run on GitHub
    asks for, which is all that was recorded then. `approved` is the yes that it boarded on. `recorded` is False for a plan and where an approval
    is missing: then nothing boards.
    """

    environment: str
    commit: str
    boarding: Boarding
    tag: str = ""
    to_sign: str = ""
    planned: bool = False
    recorded: bool = False
    attempts: tuple[Attempt, ...] = ()
    question: Question | None = None
    approved: Approved | None = None

    @property
    def code(self) -> ExitCode:
        """The exit code: that of the worst attempt; REFUSED where a signature is missing and this was no plan."""
        if self.to_sign and not self.planned:
            return ExitCode.REFUSED
        codes = {attempt.code for attempt in self.attempts}
        return next((code for code in WORST if code in codes), ExitCode.DONE)


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing was decided, because nothing boards by itself now; `told` says why."""

    environment: str
    told: str

    @property
    def code(self) -> ExitCode:
        """Nothing was to be done, and that is done."""
        return ExitCode.DONE
