"""Looks that are all made, whatever the others find: what each finds, and why one could not be made, in sentences."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pipeline.errors import FreqtrainError, Refused

_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class Problems:
    """What was found so far."""

    found: list[str] = field(default_factory=list)

    def get(self, question: Callable[[], _Answer]) -> _Answer | None:
        """The answer; None where there is none, and why is told."""
        try:
            return question()
        except FreqtrainError as error:
            if (told := sentence(error)) not in self.found:
                self.found.append(told)
            return None

    def look(self, check: Callable[[], Iterable[str]]) -> bool:
        """Take in what a look finds; False where it could not be made."""
        told = self.get(check)
        self.found += [one for one in dict.fromkeys(told or ()) if one not in self.found]
        return told is not None


def sentence(error: FreqtrainError) -> str:
    return f"{error.message}: {error.hint}" if error.hint else error.message


def each(pairs: Sequence[str], ask: Callable[[str], _Answer]) -> tuple[dict[str, _Answer], list[str]]:
    """The answers by pair, and a sentence for each pair that was refused; raises ToolFailed at the first that nobody answers."""
    answers: dict[str, _Answer] = {}
    refused: list[str] = []
    for pair in pairs:
        try:
            answers[pair] = ask(pair)
        except Refused as error:
            refused.append(sentence(error))
    return answers, refused
