"""Every way to stop: an exit code, what happened, and what to do about it."""

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller. Verdicts start at 10, so that a tool's failure is never read as a verdict."""

    DONE = 0
    CRASH = 1
    USAGE = 2
    REFUSED = 3
    TOOL = 4
    LOCKED = 5
    UNDONE = 6
    FAIL = 10
    INCONCLUSIVE = 11
    ERROR = 12
    INTERRUPTED = 130


class FreqtrainError(Exception):
    """A stop that was foreseen: `message` says what happened, `hint` what to do."""

    code = ExitCode.CRASH

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(FreqtrainError):
    """The command was called in a way that cannot mean anything."""

    code = ExitCode.USAGE


class Refused(FreqtrainError):
    """Configuration, policy or approval forbid it. Nothing was started and nothing has changed."""

    code = ExitCode.REFUSED


class ToolFailed(FreqtrainError):
    """Something that we called did not do its work: a process, the disk, the network."""

    code = ExitCode.TOOL


class Locked(FreqtrainError):
    """Somebody else holds the lock; the message says who and since when."""

    code = ExitCode.LOCKED


class Undone(FreqtrainError):
    """It was begun and did not work out; what ran before runs again."""

    code = ExitCode.UNDONE


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one file, at a line and column that start at 1 (0: the file as a whole)."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.where()}: {self.message}"

    def where(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


class ConfigError(Refused):
    """All the problems of one or more files, at once."""

    def __init__(self, problems: tuple[Problem, ...], *, hint: str = "") -> None:
        super().__init__("\n".join(str(problem) for problem in problems), hint=hint)
        self.problems = problems
