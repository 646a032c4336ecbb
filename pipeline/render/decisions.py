"""Decisions for people and for programs: who earned the next environment, who goes on, who is to go, and why."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TypeGuard

from pipeline.domain.canonical import Plain
from pipeline.domain.train.decided import Applied, Decided, Decision
from pipeline.domain.train.steps import short
from pipeline.domain.verdict import Subject, Verdict
from pipeline.domain.words import number
from pipeline.errors import ExitCode
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

LEAST = 40
INDENT = "  "


def text(applied: Sequence[Applied], width: int) -> str:
    """Each strategy with its decision, a sentence a line; then how many there are of each."""
    if not applied:
        return "Nothing runs there.\n"
    lines = [line for one in applied for line in _lines(one, max(width, LEAST))]
    counted = Counter(one.decided.decision for one in applied)
    told = ", ".join(f"{decision.name}: {counted[decision]}" for decision in Decision if counted[decision])
    return no_commands("\n".join([*lines, f"{told}."]) + "\n")


def document(environment: str, applied: Sequence[Applied]) -> dict[str, Plain]:
    """The same for a program; a number that is none, or infinite, is null."""
    return {
        "outcome": max((one.code for one in applied), default=ExitCode.DONE).name,
        "environment": environment,
        "strategies": [_strategy(one) for one in applied],
    }


def _lines(one: Applied, width: int) -> Iterator[str]:
    decided = one.decided
    yield f"{plain_text(decided.strategy, NAME_LIMIT)} {short(decided.bundle)}: {decided.decision.name}"
    for sentence in (*decided.reasons, f"{decided.power}." if decided.power else "", _seen(decided), one.told):
        yield from wrap(plain_text(sentence), width, initial_indent=INDENT, subsequent_indent=INDENT * 2)
    yield ""


def _seen(decided: Decided) -> str:
    """What nobody demanded may still want to be known: it is copied from here into the environment that judges."""
    values = {found.metric: found.value for found in decided.measurements if found.subject is Subject.CANDIDATE}
    slipped, alike, compared = (values.get(name) for name in ("slippage_mean_ratio", "parity_ratio", "parity_trades"))
    told = []
    if _known(slipped):
        size, side = number("slippage_mean_ratio", abs(slipped), digits=3), "worse" if slipped >= 0 else "better"
        told.append(f"Orders were filled {size} {side} than asked.")
    if _known(alike):
        told.append(f"{number('parity_ratio', alike)} of {compared or 0:.0f} trades are the backtest's.")
    return " ".join(told)


def _known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _strategy(one: Applied) -> dict[str, Plain]:
    decided = one.decided
    return {
        "strategy": decided.strategy,
        "bundle": decided.bundle,
        "decision": decided.decision.name,
        "reasons": list(decided.reasons),
        "power": decided.power,
        "staying": _findings(decided.staying),
        "boarding": None if decided.boarding is None else _findings(decided.boarding),
        "measurements": [
            {
                "metric": found.metric,
                "subject": found.subject.value,
                "value": found.value if math.isfinite(found.value) else None,
            }
            for found in decided.measurements
        ],
        "told": one.told,
        "outcome": one.code.name,
    }


def _findings(verdict: Verdict) -> list[Plain]:
    return [{"rule": found.rule, "outcome": found.outcome.name, "reason": found.reason} for found in verdict.findings]
