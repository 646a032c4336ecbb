"""A rehearsal for whoever watches it: a page to look through, the end of a terminal's story, and an object for programs."""

import io

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.rehearsal import Rehearsal
from pipeline.render.outcomes import SYMBOLS
from pipeline.render.pages import self_contained
from pipeline.render.plain import no_commands, plain_text
from pipeline.render.rehearsal_charts import chart_data
from pipeline.render.rehearsal_outcome import (
    NOTE,
    chapter_outcome,
    claimed,
    missing,
    outcome,
    sentence,
    shortfalls,
    took,
)
from pipeline.render.rehearsal_view import view

NARROWEST = 40
"""Columns; a narrower terminal breaks these lines itself."""


def page(rehearsal: Rehearsal) -> str:
    """rehearsal.html: one file that needs no network; it tells the story, draws what ran where and what the accounts held."""
    return self_contained(
        "rehearsal.html.j2",
        ("report.css.j2", "rehearsal.css.j2"),
        ("charts.js.j2", "rehearsal.js.j2"),
        chart_data(rehearsal),
        {"outcome": outcome(rehearsal), "symbols": SYMBOLS, "note": NOTE, "it": view(rehearsal)},
    )


def text(rehearsal: Rehearsal, width: int) -> str:
    """A line a chapter, what did not hold and what that was checked against, and a sentence that sums it up."""
    console = Console(
        file=io.StringIO(),
        width=max(width, NARROWEST),
        color_system=None,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for number, chapter in enumerate(rehearsal.chapters, 1):
        cells = (str(number), SYMBOLS[chapter_outcome(chapter)], plain_text(chapter.title), claimed(chapter))
        table.add_row(*map(Text, cells), Text(took(chapter.seconds)))
    with console.capture() as captured:
        if rehearsal.chapters:
            console.print(table)
            console.print()
        for one in shortfalls(rehearsal):
            console.print(Text(f"{SYMBOLS[one.outcome]} {one.number}. {one.chapter}: {one.what}"))
            if one.shown_by:
                console.print(Padding(Text(f"checked against: {one.shown_by}"), (0, 0, 0, 2)))
        if left := missing(rehearsal):
            console.print(Text(left))
        if not rehearsal.held:
            console.print()
        console.print(Text(sentence(rehearsal)))
    return no_commands("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def document(rehearsal: Rehearsal) -> dict[str, Plain]:
    """The same for programs: everything that the rehearsal holds."""
    chapters: list[Plain] = [
        {"outcome": chapter_outcome(chapter).name, **_fields(chapter)} for chapter in rehearsal.chapters
    ]
    claims = rehearsal.claims
    return {
        "outcome": outcome(rehearsal).name,
        "told": plain_text(sentence(rehearsal)),
        "claims": len(claims),
        "claims_held": sum(claim.held for claim in claims),
        **{name: value for name, value in _fields(rehearsal).items() if name != "chapters"},
        "chapters": chapters,
    }


def _fields(value: object) -> dict[str, Plain]:
    """A dataclass as an object."""
    made = plain(value)
    assert isinstance(made, dict)
    return made
