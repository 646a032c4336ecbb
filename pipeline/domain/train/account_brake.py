"""The brake on an account: what all bots that share it lost since midnight UTC, whichever bundles they ran meanwhile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.domain.train.brakes import CHECK, CLOCK_SKEW, Equity, at_midnight
from pipeline.domain.verdict import Finding, Outcome

NAME = "account_loss_max_ratio"
FORGOTTEN = "what deployments before lost on this day is not known"


@dataclass(frozen=True, slots=True)
class Lost:
    """What deployments that are over had lost by the end of theirs, in the stake currency; below zero where they gained. `at` is when that was.

    Where it is not `known`, `amount` is what is known of it.
    """

    at: datetime
    amount: float
    known: bool = True


def lost_today(points: Sequence[Equity], before: Lost | None, now: datetime) -> float:
    """What a strategy's bots have lost since midnight UTC: its present deployment's, and those before it on this day."""
    own = at_midnight(points, now) - points[-1].value if points else 0.0
    return own + _earlier(before, now)


def read_account(limit: float, members: Iterable[tuple[Sequence[Equity], Lost | None]], now: datetime) -> Finding:
    """Whether the bots of an account lost too much together.

    Args:
        limit: as a share of what they had together at midnight, or when they began since.
        members: of each strategy the equity that was observed of its present deployment, and what those before it lost on this day.
    """
    known = [(tuple(sorted(points, key=lambda point: point.at)), before) for points, before in members]
    known = [(points, before) for points, before in known if points]
    if not known or any(points[-1].at > now + CLOCK_SKEW for points, _ in known):
        return Finding(CHECK, NAME, Outcome.ERROR, "What the account's bots lost since midnight UTC is not known.")
    lost = sum(lost_today(points, before, now) for points, before in known)
    had = sum(at_midnight(points, now) + _earlier(before, now) for points, before in known)
    if not had > 0:
        return Finding(CHECK, NAME, Outcome.ERROR, f"The account's bots had {had:g} at midnight UTC.")
    ratio = max(0.0, lost / had)
    told = f"The account's bots lost {ratio * 100:.2f} % together since midnight UTC (limit {limit * 100:g} %)"
    if ratio >= limit:
        return Finding(CHECK, NAME, Outcome.FAIL, f"{told}.")
    if any(forgotten(before, now) for _, before in known):
        return Finding(CHECK, NAME, Outcome.ERROR, f"{told}, but {FORGOTTEN}.")
    return Finding(CHECK, NAME, Outcome.PASS, f"{told}.")


def forgotten(before: Lost | None, now: datetime) -> bool:
    """Whether deployments before lost something on this day of which nobody knows how much it was."""
    return before is not None and not before.known and _same_day(before.at, now)


def _earlier(before: Lost | None, now: datetime) -> float:
    return before.amount if before is not None and _same_day(before.at, now) else 0.0


def _same_day(at: datetime, now: datetime) -> bool:
    return at.astimezone(UTC).date() == now.astimezone(UTC).date()
