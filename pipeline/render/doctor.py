"""What disagrees on a device, for a terminal and for a program."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from pipeline.domain.canonical import Plain
from pipeline.domain.doctor.commands import Mend
from pipeline.domain.doctor.kinds import Diagnosis, Disagreement, Unseen
from pipeline.domain.doctor.mending import Task
from pipeline.errors import ExitCode
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

LEAST = 40
LONGEST = 2000
"""Characters of what was found."""

LONGEST_COMMAND = 100_000
"""A command is copied whole or not at all."""

INDENT = "  "
DO = "  do: "
"""How a line begins that says what to do; it is never broken."""


def text(diagnosis: Diagnosis, width: int) -> str:
    """A paragraph each: what disagrees, what it means, the command that mends it; then what could not be looked at."""
    wide = max(width, LEAST)
    lines = [line for one in diagnosis.disagreements for line in _disagreement(one, wide)]
    lines += [line for one in diagnosis.unseen for line in _unseen(one, wide)]
    return no_commands("\n".join([*lines, summary(diagnosis)]) + "\n")


def summary(diagnosis: Diagnosis) -> str:
    """One sentence."""
    name, ill, unseen = diagnosis.environment, len(diagnosis.disagreements), len(diagnosis.unseen)
    if ill:
        told = f"{name}: {ill} {'thing disagrees' if ill == 1 else 'things disagree'}; mend the first one first, and look again."
    else:
        told = f"{name}: nothing is known to disagree." if unseen else f"{name}: everything agrees."
    return told + (f" {unseen} {'look' if unseen == 1 else 'looks'} could not be made." if unseen else "")


def document(diagnosis: Diagnosis) -> dict[str, Plain]:
    """The same for a program."""
    return {
        "outcome": diagnosis.code.name,
        "environment": diagnosis.environment,
        "disagreements": [
            {
                "kind": one.kind.value,
                "about": one.about,
                "found": one.found,
                "means": one.means,
                "command": one.command,
            }
            for one in diagnosis.disagreements
        ],
        "unseen": [{"what": one.what, "why": one.why, "hint": one.hint} for one in diagnosis.unseen],
    }


def plan_text(environment: str, what: Mend, tasks: Sequence[Task], width: int) -> str:
    """What would be mended, and how to have it done."""
    if not tasks:
        return f"{environment}: there is nothing to mend of '{what.value}'.\n"
    wide, lines = max(width, LEAST), list[str]()
    for one in tasks:
        lines += [*_sentences(one.reason, wide, ""), *_sentences(f"It would: {one.told}.", wide, INDENT)]
        lines += _sentences(f"But not now: {one.refused}.", wide, INDENT) if one.refused else []
    command = f"freqtrain doctor {environment} --mend {what.value}"
    return no_commands("\n".join([*lines, "Nothing was changed. To do it:", f"{DO}{command}"]) + "\n")


def done_text(done: Sequence[str], width: int) -> str:
    """What was done."""
    return no_commands("\n".join(line for one in done for line in _sentences(one, max(width, LEAST), "")) + "\n")


def mend_document(environment: str, what: Mend, tasks: Sequence[Task], done: Sequence[str]) -> dict[str, Plain]:
    """What would be mended (nothing was `done` yet), or what was."""
    return {
        "outcome": ExitCode.DONE.name,
        "environment": environment,
        "mend": what.value,
        "planned": [
            {"reason": one.reason, "told": one.told, "strategy": one.strategy, "refused": one.refused} for one in tasks
        ],
        "done": list(done),
    }


def _disagreement(one: Disagreement, width: int) -> Iterator[str]:
    yield f"{one.kind.value}  {plain_text(one.about, NAME_LIMIT)}"
    yield from _sentences(one.found, width, INDENT)
    yield from _sentences(one.means, width, INDENT)
    yield f"{DO}{plain_text(one.command, LONGEST_COMMAND)}"
    yield ""


def _unseen(one: Unseen, width: int) -> Iterator[str]:
    yield f"not seen  {plain_text(one.what, NAME_LIMIT)}"
    yield from _sentences(one.why, width, INDENT)
    if one.hint:
        yield f"{DO}{plain_text(one.hint, LONGEST_COMMAND)}"
    yield ""


def _sentences(told: str, width: int, indent: str) -> list[str]:
    words = plain_text(told, LONGEST)
    return wrap(
        words,
        width,
        initial_indent=indent,
        subsequent_indent=indent or INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
