"""A look at this machine as a table for people and as an object for programs."""

from collections.abc import Sequence
from textwrap import wrap

from pipeline.domain.canonical import Plain
from pipeline.domain.preflight import Checked, missing
from pipeline.render.plain import plain_text

ADVICE = "      do: "
"""How a line begins that says what to do; it is never broken, since it may hold a command to be copied."""


def table(checked: Sequence[Checked], width: int = 110) -> str:
    """A row a check (how it ended, what was looked at, what was found), below it what to do, and at the end whether all is there."""
    standings = max((len(one.standing.value) for one in checked), default=0)
    names = max((len(one.name) for one in checked), default=0)
    lines: list[str] = []
    for one in checked:
        head = f"{one.standing.value:<{standings}}  {one.name:<{names}}  "
        lines += _wrapped(head, plain_text(one.found), width)
        if one.advice:
            lines.append(f"{ADVICE}{plain_text(one.advice)}")
    return "\n".join([*lines, "", summary(checked)]) + "\n"


def summary(checked: Sequence[Checked]) -> str:
    """One sentence."""
    lacking = [one.name for one in missing(checked)]
    return f"Not ready: {', '.join(lacking)}." if lacking else "Ready."


def document(checked: Sequence[Checked]) -> list[Plain]:
    """The checks for programs, in their order."""
    return [
        {"name": one.name, "standing": one.standing.value, "found": one.found, "advice": one.advice} for one in checked
    ]


def _wrapped(head: str, text: str, width: int) -> list[str]:
    return wrap(
        text,
        max(width, len(head) + 30),
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
