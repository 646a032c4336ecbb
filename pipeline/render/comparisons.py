"""Accounts beside databases, for people and for programs."""

from collections.abc import Sequence
from textwrap import wrap

from pipeline.domain.canonical import Plain
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.account import Compared
from pipeline.domain.train.steps import short
from pipeline.errors import ExitCode
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

LEAST = 40


def text(environment: TradingEnvironment, found: Sequence[Compared], width: int) -> str:
    """A line a strategy, and what is on its account and in no database; then what to do."""
    if not found:
        return "Nothing runs there.\n"
    if environment.dry_run:
        return f"'{environment.name}' is a dry-run: it has no account.\n"
    lines: list[str] = []
    for one in found:
        name = f"{plain_text(one.strategy, NAME_LIMIT)} {short(one.bundle)}"
        lines += wrap(f"{name}: {plain_text(one.told) or 'they agree'}", max(width, LEAST), subsequent_indent="  ")
    if any(one.told for one in found):
        lines += ["", "Look at the account. Then: freqtrain stop ENV ID --release --reason '…'"]
    return no_commands("\n".join(lines) + "\n")


def document(environment: str, found: Sequence[Compared]) -> dict[str, Plain]:
    """The same for a program."""
    differ = any(one.told for one in found)
    return {
        "outcome": (ExitCode.REFUSED if differ else ExitCode.DONE).name,
        "environment": environment,
        "strategies": [{"strategy": one.strategy, "bundle": one.bundle, "told": one.told} for one in found],
    }
