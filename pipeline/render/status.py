"""What runs where, for a terminal and for a program."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.train.status import Line
from pipeline.domain.train.steps import short
from pipeline.render.plain import no_commands, plain_text

COLUMNS = ("environment", "strategy", "bundle", "since (UTC)", "bot", "enters", "open trades")


def text(lines: Sequence[Line], width: int) -> str:
    """A table, and how many want a person's look."""
    if not lines:
        return "Nothing was deployed on this device.\n"
    console = Console(
        file=io.StringIO(),
        width=max(width, 60),
        color_system=None,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in COLUMNS:
        table.add_column(title, overflow="fold")
    for line in lines:
        since = f"{line.since_at:%Y-%m-%d %H:%M}" if line.since_at else "–"
        trades = "–" if line.open_trades is None else str(line.open_trades)
        cells = (line.environment, line.strategy, short(line.bundle) or "–", since, line.bot, line.entries, trades)
        table.add_row(*(Text(plain_text(cell)) for cell in cells))
    with console.capture() as captured:
        console.print(table)
        ill = sum(not line.well for line in lines)
        console.print(f"\n{ill} of {len(lines)} want a look." if ill else f"\nAll {len(lines)} are as they should be.")
    return no_commands("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def document(lines: Sequence[Line]) -> dict[str, Plain]:
    """The same for programs."""
    return {
        "outcome": "DONE" if all(line.well for line in lines) else "LOOK",
        "strategies": [plain(line) for line in lines],
    }
