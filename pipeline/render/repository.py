"""A repository's settings for people and for programs: what differs in plain words, what is left to persons, what the plan does not offer."""

import shlex
from collections.abc import Iterator
from io import StringIO
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.domain.canonical import Plain
from pipeline.domain.repository.by_hand import ByHand
from pipeline.domain.repository.checked import Applied, Checked
from pipeline.domain.repository.codeowners import CODEOWNERS
from pipeline.domain.repository.differences import Absent, Difference
from pipeline.domain.repository.settings import Value
from pipeline.errors import ExitCode
from pipeline.render.plain import no_commands, plain_text
from pipeline.render.repository_words import field_words, value_words


def check_text(checked: Checked, width: int) -> str:
    """All of a check, the conclusion last."""
    lines = [
        _head(checked),
        *_differences(checked),
        *_by_hand(checked),
        *_short(checked, width),
        "",
        _conclusion(checked),
    ]
    return _safe(lines)


def plan_text(checked: Checked) -> str:
    """What `apply` would do, in its order."""
    lines = [_head(checked)]
    calls = [call.words for change in checked.changes for call in change.calls]
    if checked.owners is not None:
        calls.append(f"write {CODEOWNERS} (commit it: GitHub reads it from the default branch)")
    if not calls:
        return _safe([*lines, "Nothing is to be changed."])
    return _safe(
        [*lines, *_differences(checked), "", "Changes:", *(f"  {n}. {words}" for n, words in enumerate(calls, 1))]
    )


def applied_text(applied: Applied, width: int) -> str:
    """What became of it, and what is left to persons."""
    lines: list[str] = []
    for one in applied.refused:
        lines += [f"refused: {one.what}", f"  {one.why}", *([f"  hint: {one.do}"] if one.do else [])]
    lines += [*_by_hand(applied.after), *_short(applied.after, width)]
    counted = f"{applied.made} changes were made"
    done = "everything that freqtrain sets is as it must be" if not applied.after.changes else "GitHub refused the rest"
    return _safe([*(lines[1:] if lines[:1] == [""] else lines), *([""] if lines else []), f"{counted}; {done}."])


def check_document(checked: Checked) -> dict[str, Plain]:
    """A check for programs; the outcome is PASS or FAIL."""
    return {
        "outcome": "PASS" if checked.code is ExitCode.DONE else "FAIL",
        "repository": checked.facts.name,
        "private": checked.facts.private,
        "plan": checked.facts.plan.value,
        "differences": [_difference_document(one) for one in checked.differences],
        "changes": [call.words for change in checked.changes for call in change.calls],
        "codeowners_differ": checked.owners is not None,
        "by_hand": [{"what": one.what, "do": one.do, "command": shlex.join(one.command)} for one in checked.by_hand],
        "not_offered": [
            {"what": one.feature, "would": one.would, "instead": one.instead} for one in checked.shortfalls
        ],
        "notes": list(checked.notes),
    }


def applied_document(applied: Applied) -> dict[str, Plain]:
    """What became of the changes, for programs."""
    refused: list[Plain] = [{"what": one.what, "why": one.why, "do": one.do} for one in applied.refused]
    after = {key: value for key, value in check_document(applied.after).items() if key != "outcome"}
    return {"outcome": applied.code.name, "made": applied.made, "refused": refused, **after}


def _head(checked: Checked) -> str:
    kind = f"private, plan {checked.facts.plan.value}" if checked.facts.private else "public"
    return f"{checked.facts.name} ({kind})"


def _differences(checked: Checked) -> Iterator[str]:
    for part, found in groupby(checked.differences, key=lambda one: one.part):
        yield ""
        yield part
        missing = False
        for one in found:
            missing = missing or not one.field
            yield f"  {_wanted(one) if missing else _difference(one)}"
    if checked.owners is not None:
        yield ""
        yield f"{CODEOWNERS}\n  is not what `owners` in .github/freqtrain.yml makes of it"


def _difference(one: Difference) -> str:
    found, wanted = value_words(one.field, one.found), value_words(one.field, one.wanted)
    return f"{field_words(one.field)}: {found}, must be {wanted}"


def _wanted(one: Difference) -> str:
    """A field of a part that is not there."""
    return (
        f"{field_words(one.field)}: {value_words(one.field, one.wanted)}" if one.field else "is not there, and must be:"
    )


def _by_hand(checked: Checked) -> Iterator[str]:
    if checked.by_hand:
        yield ""
        yield "Left to a person:"
    for one in checked.by_hand:
        yield f"  {plain_text(one.what)}"
        yield from (f"    {line}" for line in _advice(one))
    for note in checked.notes:
        yield ""
        yield f"Note: {note}"


def _advice(one: ByHand) -> Iterator[str]:
    if one.do:
        yield one.do
    if one.command:
        yield shlex.join(one.command)


def _short(checked: Checked, width: int) -> Iterator[str]:
    if not checked.shortfalls:
        return
    yield ""
    yield f"Not offered to a private repository on GitHub's plan {checked.facts.plan.value}, and what still protects:"
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("what", "would mean", "instead"):
        table.add_column(title, overflow="fold")
    for one in checked.shortfalls:
        table.add_row(Text(one.feature), Text(one.would), Text(one.instead))
    console = Console(
        file=StringIO(),
        width=max(width, 80),
        color_system=None,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    with console.capture() as captured:
        console.print(table)
    yield from (f"  {line.rstrip()}" for line in captured.get().splitlines())


def _conclusion(checked: Checked) -> str:
    if checked.code is ExitCode.DONE:
        return "Everything is as it must be."
    parts = len({one.part for one in checked.differences}) + (checked.owners is not None)
    mended = f"{_counted(parts, 'part differs', 'parts differ')}; `freqtrain github apply` mends {'it' if parts == 1 else 'them'}"
    left = f"{_counted(len(checked.by_hand), 'thing is', 'things are')} left to a person"
    return f"{'; '.join([*([mended] if parts else []), *([left] if checked.by_hand else [])])}."


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _difference_document(one: Difference) -> Plain:
    return {"part": one.part, "field": one.field, "found": _plain(one.found), "wanted": _plain(one.wanted)}


def _plain(value: Value | Absent) -> Plain:
    if isinstance(value, Absent):
        return None
    return [str(item) for item in value] if isinstance(value, tuple) else value


def _safe(lines: list[str]) -> str:
    """No line that a terminal or a runner would obey, whatever names GitHub holds; indentation stays."""
    safe = []
    for line in "\n".join(lines).split("\n"):
        text = line.lstrip(" ")
        safe.append(" " * (len(line) - len(text)) + "".join(c if c.isprintable() else "\ufffd" for c in text))
    return no_commands("\n".join(safe) + "\n")
