"""What a person sees at the end of `freqtrain gate`: a table, and why."""

import io
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.domain.dataset import SIMULATED_NOTE
from pipeline.domain.evidence import Judgement
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Outcome, Subject
from pipeline.render import trade_differences
from pipeline.render.figures import figures, said, shortcomings, warnings
from pipeline.render.outcomes import MEANINGS, SYMBOLS, counted, met, overall
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

LISTED = 12
"""Reasons, and warnings, told for one strategy; the report has all."""

NO_BREAK = "\N{NO-BREAK SPACE}"

COLUMNS = (
    ("trades", "trades", False),
    ("profit", "profit_total_ratio", True),
    ("profit factor", "profit_factor", False),
    ("drawdown", "drawdown_max_ratio", False),
)
NARROW = 80
"""Below this width the table leaves out the columns that matter less."""

LEFT_OUT = ("profit_factor", "drawdown_max_ratio")
COLOURS = {Outcome.PASS: "green", Outcome.FAIL: "red", Outcome.INCONCLUSIVE: "yellow", Outcome.ERROR: "magenta"}


def render(judgements: Sequence[Judgement], *, report: str | None, width: int, color: bool) -> str:
    """The gate's result for a terminal of `width` columns: a table, plain sentences why, warnings, and where the report is.

    With `color`, ANSI colours; the words say the same without them. Text that a strategy made cannot act on the terminal.
    """
    console = Console(
        file=io.StringIO(),
        width=max(width, 40),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    with console.capture() as captured:
        if not judgements:
            console.print("Nothing was to be judged.")
        else:
            console.print(
                _table(judgements, [column for column in COLUMNS if width >= NARROW or column[1] not in LEFT_OUT])
            )
            for judgement in judgements:
                _explain(console, judgement)
            _conclude(console, judgements)
        if report:
            console.print(Text.assemble("Report: ", plain_text(report)), soft_wrap=True)
    printed = captured.get().replace(NO_BREAK, " ")
    return no_commands("".join(line.rstrip() + "\n" for line in printed.splitlines()))


Columns = Sequence[tuple[str, str, bool]]


def _table(judgements: Sequence[Judgement], columns: Columns) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("strategy", overflow="fold", min_width=12)
    table.add_column("outcome", no_wrap=True)
    for title, _, _ in columns:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("market", justify="right", no_wrap=True)
    for judgement in judgements:
        outcome = judgement.verdict.outcome
        word = Text(f"{SYMBOLS[outcome]} {outcome.name}", style=f"bold {COLOURS[outcome]}")
        table.add_row(Text(_name(judgement)), word, *_numbers(judgement, Subject.CANDIDATE, columns))
        if judgement.incumbent is not None:
            table.add_row(Text("  incumbent", style="dim"), "", *_numbers(judgement, Subject.INCUMBENT, columns))
    return table


def _numbers(judgement: Judgement, subject: Subject, columns: Columns) -> Iterator[str]:
    table = figures(judgement)
    for _, metric, signed in columns:
        yield _unbroken(said(table, subject, ALL_WINDOWS, metric, signed=signed))
    market = said(table, Subject.MARKET, ALL_WINDOWS, "profit_total_ratio", signed=True)
    yield _unbroken(market) if subject is Subject.CANDIDATE else ""


def _unbroken(number: str) -> str:
    return number.replace(" ", NO_BREAK)


def _explain(console: Console, judgement: Judgement) -> None:
    outcome, reasons, noted = judgement.verdict.outcome, shortcomings(judgement), warnings(judgement)
    console.print()
    headline = Text.assemble(
        (f"{SYMBOLS[outcome]} ", COLOURS[outcome]), (_name(judgement), "bold"), f" {MEANINGS[outcome]}"
    )
    headline.append(f": {met(judgement)}" if outcome is Outcome.PASS else ".")
    console.print(headline)
    _list(console, reasons, "")
    _differences(console, judgement)
    if noted:
        console.print(Padding(Text(f"{counted(len(noted), 'warning')}:", style="yellow"), (0, 0, 0, 2)))
        _list(console, noted, "yellow")


def _differences(console: Console, judgement: Judgement) -> None:
    """Trades that were expected to be the same and are not, one under the other: two trades side by side are wider than a terminal."""
    found = trade_differences.rows(judgement)
    for window, number, candidate, incumbent, told in found[:LISTED]:
        console.print(Text(plain_text(f"  {window}, trade {number}: {told}")))
        console.print(Text(plain_text(f"    candidate  {candidate}"), style="dim"))
        console.print(Text(plain_text(f"    incumbent  {incumbent}"), style="dim"))
    if len(found) > LISTED:
        console.print(f"  and {len(found) - LISTED} more differences, in the report")


def _list(console: Console, findings: list[Finding], style: str) -> None:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=3, justify="right")
    grid.add_column(overflow="fold")
    for finding in findings[:LISTED]:
        grid.add_row(Text("-", style=style or COLOURS[finding.outcome]), Text(_sentence(finding)))
    if len(findings) > LISTED:
        grid.add_row("", f"and {len(findings) - LISTED} more, in the report")
    if findings:
        console.print(grid)


def _sentence(finding: Finding) -> str:
    reason = plain_text(finding.reason)
    if finding.place is None:
        return reason
    return f"{plain_text(str(finding.place), NAME_LIMIT)}: {reason} [{plain_text(finding.rule, NAME_LIMIT)}]"


def _conclude(console: Console, judgements: Sequence[Judgement]) -> None:
    console.print()
    if any(judgement.evidence.provenance.simulated for judgement in judgements):
        console.print(Text(f"The market is {SIMULATED_NOTE}.", style="dim"))
    outcome = overall(judgements)
    passed = sum(judgement.verdict.outcome is Outcome.PASS for judgement in judgements)
    console.print(
        Text.assemble(
            (outcome.name, f"bold {COLOURS[outcome]}"), f": {passed} of {counted(len(judgements), 'strategy')} passed."
        )
    )


def _name(judgement: Judgement) -> str:
    return plain_text(judgement.evidence.provenance.strategy, NAME_LIMIT)
