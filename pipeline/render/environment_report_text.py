"""An environment's report in a terminal: a line for each strategy, and what happened, the latest last."""

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.domain.environment_report import EnvironmentReport, unseen
from pipeline.domain.train.steps import short
from pipeline.render.environment_report_tables import overview
from pipeline.render.environment_report_view import sentence, window
from pipeline.render.monitor_words import moment
from pipeline.render.plain import no_commands, plain_text
from pipeline.render.trade_tables import duration

HAPPENED = 12
"""Entries that are told, the latest; the page has more."""


def text(report: EnvironmentReport, width: int) -> str:
    """What there is to be read, within so many columns."""
    console = Console(
        file=io.StringIO(), width=max(width, 60), color_system=None, highlight=False, markup=False, emoji=False, _environ={}
    )  # fmt: skip
    with console.capture() as captured:
        console.print(Text(f"{plain_text(report.environment)}, {window(report)}"))
        console.print(Text(sentence(report)))
        if report.strategies:
            console.print()
            console.print(_table(report))
        console.print()
        for line in _sentences(report):
            console.print(Text(plain_text(line)))
    return no_commands("".join(line.rstrip() + "\n" for line in captured.get().rstrip().splitlines()))


def _table(report: EnvironmentReport) -> Table:
    made = overview(report)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for number, title in enumerate(made.columns):
        table.add_column(title, overflow="fold", justify="right" if number in made.numbers else "left")
    for row in made.rows:
        table.add_row(*map(Text, row))
    return table


def _sentences(report: EnvironmentReport) -> list[str]:
    found = [f"! {problem}" for problem in (*report.device.problems, *report.place.problems, *report.problems)]
    for one in report.strategies:
        name = one.view.strategy
        found += [f"! {name}: {problem}" for problem in one.view.problems]
        found += [f"{name}: {hold}" for hold in one.view.holds]
        if one.gaps:
            found.append(f"{name}: of {duration(unseen(one.gaps))} nothing is known")
    latest = {made.made.strategy: made for made in report.decisions}
    for name, made in sorted(latest.items()):
        words = made.made.decision.replace("_", " ")
        power = f" ({made.made.power})" if made.made.power else ""
        found.append(
            f"{name}: {short(made.made.bundle)} {words} at {moment(made.at)}: {' '.join(made.made.reasons)}{power}"
        )
    found += [f"{moment(one.at)}  {one.sentence}" for one in report.happened[-HAPPENED:]]
    return found
