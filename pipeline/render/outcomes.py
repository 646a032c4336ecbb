"""What several judgements amount to, and what the outcomes are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.domain.verdict import Outcome
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.domain.evidence import Judgement

MEANINGS: dict[Outcome, str] = {
    Outcome.PASS: "meets every demand",
    Outcome.FAIL: "does not meet the policy",
    Outcome.INCONCLUSIVE: "cannot be judged on these numbers",
    Outcome.ERROR: "could not be measured",
}
"""How a sentence about a strategy ends."""

SYMBOLS: dict[Outcome, str] = {Outcome.PASS: "✓", Outcome.FAIL: "✗", Outcome.INCONCLUSIVE: "?", Outcome.ERROR: "!"}
"""One character an outcome, so that colour is never the only sign."""


def overall(judgements: Sequence[Judgement]) -> Outcome:
    """The worst outcome; PASS where there was nothing to judge, because a change that touches no strategy needs no judge."""
    return max((judgement.verdict.outcome for judgement in judgements), default=Outcome.PASS)


def exit_code(outcome: Outcome) -> ExitCode:
    """What the process ends with."""
    return ExitCode.DONE if outcome is Outcome.PASS else ExitCode[outcome.name]


def counted(number: int, noun: str) -> str:
    """ "1 strategy", "3 strategies"."""
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"


def met(judgement: Judgement) -> str:
    """What a PASS rests on, in a sentence."""
    checks, thresholds = judgement.policy.checks, len(judgement.policy.thresholds)
    listed = " and ".join(part for part in (", ".join(checks[:-1]), *checks[-1:]) if part)
    parts = [f"{listed} found no error"] if checks else []
    parts += (
        [f"{'the threshold holds' if thresholds == 1 else f'all {thresholds} thresholds hold'}"] if thresholds else []
    )
    return ", and ".join(parts) + "."
