"""Who boards at a tag or a commit, who stays, and what each of the others still lacks."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pipeline.domain.judge import judge
from pipeline.domain.policy import Policy, Threshold
from pipeline.domain.train.board_lines import Override
from pipeline.domain.train.state import Block, EnvironmentState
from pipeline.domain.train.steps import short
from pipeline.domain.verdict import Finding, Measurement, Outcome, Verdict

CHECK = "boarding"
MOST_HOURS = 999_999.0
"""More are not told apart."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a bundle shows in the environment before this one."""

    healthy_hours: float = 0.0
    closed_trades: int = 0
    thresholds: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a bundle showed there; None where it could not be observed. `measurements` are of the bundle's own bot alone.

    `held` says why its entries are held there (a brake, a stop, a doubt): whatever it earned, it does not board like that. `against` are the
    findings by which it would not stay there.
    """

    healthy_hours: float | None = None
    closed_trades: int | None = None
    measurements: tuple[Measurement, ...] = ()
    held: tuple[str, ...] = ()
    against: tuple[Finding, ...] = ()


class Boards(StrEnum):
    """What is decided about a strategy."""

    BOARDS = "boards"
    ANYWAY = "boards anyway"
    THERE = "already there"
    STAYS = "stays"
    BLOCKED = "blocked"
    FROZEN = "frozen"
    RETIRES = "retires"
    """It was deleted: it enters nothing, manages its trades to their end and stops."""
    STOPS = "stops"
    """It was deleted, and its money is simulated: it stops at once."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A strategy, its bundle, what is decided and why. `overridden` is a person's reason for boarding it anyway."""

    strategy: str
    bundle: str
    decision: Boards
    verdict: Verdict
    reason: str
    overridden: str = ""

    @property
    def boards(self) -> bool:
        """Whether its bundle is promoted."""
        return self.decision in (Boards.BOARDS, Boards.ANYWAY)

    def __str__(self) -> str:
        told = f"{self.strategy} {self.decision.value}"
        return f"{told}: {self.reason}" if self.reason else told


@dataclass(frozen=True, slots=True)
class Boarding:
    """Every strategy's seat, by id, and what is wrong with what was asked for; with a problem, nothing is to be promoted."""

    seats: tuple[Seat, ...]
    problems: tuple[str, ...] = ()

    @property
    def boarding(self) -> tuple[Seat, ...]:
        """Those that board."""
        return tuple(seat for seat in self.seats if seat.boards)


def board(
    named: Mapping[str, str],
    shown: Mapping[str, Shown],
    demands: Demands | None,
    target: EnvironmentState,
    now: datetime,
    *,
    live: bool,
    blocks: Mapping[str, Block] | None = None,
    overrides: Sequence[Override] = (),
    frozen: Callable[[datetime], str] = lambda _: "",
) -> Boarding:
    """Decide for each strategy.

    Args:
        named: strategy -> digest of its bundle at the tag or commit; empty where none was cut.
        shown: digest -> what the bundle showed in the environment before.
        demands: None where the environment before only judges on history: whatever was cut boards.
        target: the environment to board for.
        live: whether it trades real money.
        blocks: digest -> block, of every environment of the road; the target's own are added.
        overrides: who boards anyway. That helps against what is lacking, not against a block or a freeze.
        frozen: the reason why nothing boards at a time; empty where it may.
    """
    barred = {**(blocks or {}), **target.blocks}
    reasons = {override.strategy: override.reason for override in overrides}
    freeze = frozen(now)
    seats = []
    for strategy, bundle in sorted(named.items()):
        verdict = lacking(demands, shown.get(bundle))
        seats.append(_seat(strategy, bundle, verdict, target, barred, reasons.get(strategy, ""), freeze))
    gone = [name for name, known in target.strategies.items() if known.standing and name not in named]
    seats += [_leaves(name, target, live=live) for name in sorted(gone)]
    return Boarding(tuple(seats), tuple(_problems(named, overrides)))


def lacking(demands: Demands | None, shown: Shown | None) -> Verdict:
    """The verdict on what a bundle showed: PASS if nothing is lacking. Time and trades that are not there yet are INCONCLUSIVE."""
    if demands is None:
        return Verdict((Finding(CHECK, "history", Outcome.PASS, "It passed on history."),))
    if shown is None:
        reason = "it never ran in the environment before"
        return Verdict((Finding(CHECK, "observed", Outcome.ERROR, reason),))
    found = [_hours(demands, shown.healthy_hours), _trades(demands, shown.closed_trades)]
    found += [Finding(CHECK, "held", Outcome.INCONCLUSIVE, f"its entries are held there: {why}") for why in shown.held]
    found += shown.against
    if demands.thresholds:
        found += judge((), shown.measurements, Policy((), demands.thresholds)).findings
    return Verdict(tuple(found))


def _hours(demands: Demands, hours: float | None) -> Finding:
    if hours is None or not 0 <= hours < math.inf:
        return Finding(CHECK, "healthy_hours", Outcome.ERROR, "how long it was healthy is not known")
    told = f"{math.floor(min(hours, MOST_HOURS) * 10) / 10:g} of {demands.healthy_hours:g} hours healthy"
    enough = hours >= demands.healthy_hours
    return Finding(CHECK, "healthy_hours", Outcome.PASS if enough else Outcome.INCONCLUSIVE, told)


def _trades(demands: Demands, trades: int | None) -> Finding:
    if trades is None:
        return Finding(CHECK, "closed_trades", Outcome.ERROR, "how many trades it closed is not known")
    told = f"{trades} of {demands.closed_trades} closed trades"
    enough = trades >= demands.closed_trades
    return Finding(CHECK, "closed_trades", Outcome.PASS if enough else Outcome.INCONCLUSIVE, told)


def _seat(
    strategy: str,
    bundle: str,
    verdict: Verdict,
    target: EnvironmentState,
    barred: Mapping[str, Block],
    override: str,
    freeze: str,
) -> Seat:
    lacks = "; ".join(f.reason.rstrip(".") for f in verdict.findings if f.outcome is not Outcome.PASS)
    boards = verdict.outcome is Outcome.PASS

    def seat(decision: Boards, reason: str = "", overridden: str = "") -> Seat:
        return Seat(strategy, bundle, decision, verdict, reason, overridden)

    if not bundle:
        return seat(Boards.STAYS, "no bundle was cut from it")
    if _is_there(strategy, bundle, target):
        return seat(Boards.THERE)
    if block := barred.get(bundle):
        return seat(Boards.BLOCKED, f"by {block.by} since {block.at:%Y-%m-%d %H:%M} UTC: {block.reason}")
    if not boards and not override:
        return seat(Boards.STAYS, lacks or "nothing was judged")
    if freeze:
        return seat(Boards.FROZEN, freeze)
    return seat(Boards.BOARDS) if boards else seat(Boards.ANYWAY, f"{lacks}; {override}", override)


def _is_there(strategy: str, bundle: str, target: EnvironmentState) -> bool:
    """Whether the bundle runs already, or is on its way in a drain."""
    known = target.of(strategy)
    stands = known.standing is not None and known.standing.bundle == bundle and known.retirement is None
    return stands or (known.drain is not None and known.drain.successor == bundle)


def _leaves(strategy: str, target: EnvironmentState, *, live: bool) -> Seat:
    standing = target.of(strategy).standing
    assert standing is not None
    gone = f"it was deleted; {short(standing.bundle)}"
    how = "manages its trades to their end and enters none" if live else "stops at once"
    return Seat(strategy, standing.bundle, Boards.RETIRES if live else Boards.STOPS, Verdict(()), f"{gone} {how}")


def _problems(named: Mapping[str, str], overrides: Sequence[Override]) -> list[str]:
    unknown = [override.strategy for override in overrides if override.strategy not in named]
    return [f"the tag's message boards '{name}', and there is no such strategy" for name in unknown]
