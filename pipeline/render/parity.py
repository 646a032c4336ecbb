"""What a bot and its backtest made of the same time: for people, the score and the mismatches; for programs, all of it."""

import math
from collections.abc import Iterator
from textwrap import wrap

from pipeline.domain.canonical import Plain
from pipeline.domain.parity import Compared, Mismatch, Position
from pipeline.domain.train.steps import short
from pipeline.domain.words import number
from pipeline.errors import ExitCode
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

LEAST = 40
LISTED = 30
"""Mismatches of each kind, those that count and those that do not, that a person is shown; a program gets all."""

INDENT = "  "


def text(found: Compared, width: int, *, recorded: bool) -> str:
    """The score, how many mismatches there are of each class, and each of them; then what it does not say."""
    lines = [one for sentence in _sentences(found, recorded=recorded) for one in _wrapped(sentence, max(width, LEAST))]
    return no_commands("\n".join(lines) + "\n")


def document(found: Compared, *, recorded: bool) -> dict[str, Plain]:
    """The same for a program; the ratio is null where nothing was compared."""
    parity = found.parity
    return {
        "outcome": ExitCode.DONE.name,
        "environment": found.environment,
        "strategy": found.strategy,
        "bundle": found.bundle,
        "dataset": found.dataset,
        "windows": [{"since": one.start.isoformat(), "until": one.end.isoformat()} for one in found.windows],
        "parity_ratio": None if math.isnan(parity.ratio) else parity.ratio,
        "alike": parity.alike,
        "compared": parity.compared,
        "counts": {kind.value: count for kind, count in sorted(parity.counts.items())},
        "mismatches": [_mismatch(one) for one in parity.mismatches],
        "notes": list(found.notes),
        "recorded": recorded,
    }


def _sentences(found: Compared, *, recorded: bool) -> Iterator[str]:
    parity = found.parity
    span = f"{found.windows[0].start:%Y-%m-%d %H:%M} to {found.windows[-1].end:%Y-%m-%d %H:%M} UTC"
    name = plain_text(found.strategy, NAME_LIMIT)
    yield f"{name} {short(found.bundle)} in {found.environment}, {span}: {_score(found)}"
    if parity.counts:
        yield INDENT + ", ".join(f"{kind.value}: {count}" for kind, count in sorted(parity.counts.items())) + "."
    counting = [one for one in parity.mismatches if not one.excused]
    excused = [one for one in parity.mismatches if one.excused]
    yield from _listed(counting)
    if excused:
        yield f"Not counted: {len(excused)}."
        yield from _listed(excused)
    yield from found.notes
    yield (
        "Recorded: `decide` and boarding go by it."
        if recorded
        else "Not recorded, because only a part of its time was asked for."
    )


def _score(found: Compared) -> str:
    parity = found.parity
    if not parity.compared:
        return "no trade to compare."
    share = number("parity_ratio", parity.ratio)
    return f"{parity.alike} of {parity.compared} trades are the backtest's ({share})."


def _listed(mismatches: list[Mismatch]) -> Iterator[str]:
    for one in mismatches[:LISTED]:
        why = f" ({one.excused})" if one.excused else ""
        yield INDENT + plain_text(f"{one.at:%Y-%m-%d %H:%M} {one.pair} {one.kind.value}: {one.told}{why}.")
    if len(mismatches) > LISTED:
        yield f"{INDENT}and {len(mismatches) - LISTED} more."


def _wrapped(sentence: str, width: int) -> list[str]:
    indent = INDENT if sentence.startswith(INDENT) else ""
    return wrap(sentence.strip(), width, initial_indent=indent, subsequent_indent=indent + INDENT)


def _mismatch(one: Mismatch) -> dict[str, Plain]:
    return {
        "class": one.kind.value,
        "pair": one.pair,
        "at": one.at.isoformat(),
        "told": one.told,
        "counts": not one.excused,
        "excused": one.excused,
        "bot": _position(one.bot),
        "backtest": _position(one.backtest),
    }


def _position(one: Position | None) -> dict[str, Plain] | None:
    if one is None:
        return None
    return {
        "opened_at": one.opened_at.isoformat(),
        "open_rate": one.open_rate,
        "closed_at": one.closed_at.isoformat() if one.closed_at else None,
        "close_rate": one.close_rate if one.closed_at else None,
        "enter_tag": one.enter_tag,
        "exit_reason": one.exit_reason,
        "entries": one.entries,
    }
