"""What was told to GitHub, for people and for programs."""

from collections.abc import Sequence

from pipeline.domain.canonical import Plain
from pipeline.domain.waiting_job import Waited
from pipeline.errors import ExitCode, FreqtrainError
from pipeline.render.plain import no_commands, plain_text


def waited_text(waited: Waited) -> str:
    """What the line under the commit says by now, or why it was left alone."""
    told = f"{waited.state.value}: {waited.sentence}" if waited.state else f"left alone: {waited.left_alone}"
    return no_commands(f"{plain_text(told)}\n")


def waited_document(waited: Waited) -> dict[str, Plain]:
    """The same for a program."""
    return {
        "outcome": "DONE",
        "job": waited.stand.name.lower(),
        "state": waited.state.value if waited.state else None,
        "sentence": waited.sentence,
        "left_alone": waited.left_alone,
    }


def told_text(lines: Sequence[str], failed: Sequence[FreqtrainError]) -> str:
    """A line for each place where something was told or left alone, and for each where it could not be."""
    shown = [*lines, *(f"not told: {one.message}" + (f"; {one.hint}" if one.hint else "") for one in failed)]
    return no_commands("".join(f"{plain_text(line)}\n" for line in shown))


def told_document(lines: Sequence[str], failed: Sequence[FreqtrainError]) -> dict[str, Plain]:
    """The same for a program."""
    return {
        "outcome": told_code(failed).name,
        "told": list(lines),
        "failed": [{"outcome": one.code.name, "told": one.message, "hint": one.hint} for one in failed],
    }


def told_code(failed: Sequence[FreqtrainError]) -> ExitCode:
    """What GitHub does not allow comes before what it did not answer: asking again does not help."""
    return min((one.code for one in failed), default=ExitCode.DONE)
