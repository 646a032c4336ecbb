"""What runs where, for a terminal and for a program."""

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.domain.canonical import Plain, plain
from pipeline.domain.notice_line import NoticeLine
from pipeline.domain.train.status import BlockLine, Overview, WatchLine
from pipeline.domain.train.steps import short
from pipeline.render.plain import no_commands, plain_text

COLUMNS = ("environment", "strategy", "bundle", "since (UTC)", "bot", "enters", "open trades")


def text(overview: Overview, width: int) -> str:
    """A table, who watches, what is wrong with what is observed, what is blocked besides, and how many want a person's look."""
    lines = overview.lines
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
        console.print()
        observed = (f"{one.environment}: {one.told}." for one in overview.unobserved)
        for sentence in (
            *map(_watch, overview.watches),
            *observed,
            *map(_block, overview.blocks),
            *map(_notice, overview.notices),
        ):
            if sentence:
                console.print(Text(plain_text(sentence)))
        ill = sum(not line.well for line in lines)
        told = f"{ill} of {len(lines)} want a look." if ill else f"All {len(lines)} are as they should be."
        unwatched = sum(not line.well for line in overview.watches)
        told += f" {unwatched} {'is' if unwatched == 1 else 'are'} not watched." if unwatched else ""
        told += " What is observed wants a look." if overview.unobserved else ""
        console.print(told + ("" if all(line.well for line in overview.notices) else " Not everybody could be told."))
    return no_commands("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def document(overview: Overview) -> dict[str, Plain]:
    """The same for programs."""
    parts = (overview.lines, overview.watches, overview.notices)
    well = all(line.well for part in parts for line in part) and not overview.unobserved
    return {
        "outcome": "DONE" if well else "LOOK",
        "strategies": [plain(line) for line in overview.lines],
        "watches": [plain(line) for line in overview.watches],
        "unobserved": [plain(one) for one in overview.unobserved],
        "blocked": [plain(line) for line in overview.blocks],
        "notifications": [plain(line) for line in overview.notices],
    }


def _watch(line: WatchLine) -> str:
    last = f"; its last round was at {line.looked_at:%Y-%m-%d %H:%M:%S} UTC" if line.looked_at else ""
    return f"{line.environment}: {line.told}{last}."


def _notice(line: NoticeLine) -> str:
    return f"{line.environment}: {line.told}."


def _block(line: BlockLine) -> str:
    """What stands shows its block among what holds its entries."""
    block = line.block
    if line.stands:
        return ""
    since = f"{block.at:%Y-%m-%d %H:%M} UTC"
    return f"{line.environment}: {short(block.bundle)} ({block.strategy}) is blocked by {block.by} since {since}: {block.reason}"
