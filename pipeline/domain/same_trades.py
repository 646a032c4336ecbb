"""Whether a candidate makes the very trades of its incumbent, as a refactoring should; else where they part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from pipeline.domain.evidence import CheckResult, WindowTrades
from pipeline.domain.trades import ClosedTrade, in_order, trade_identity
from pipeline.domain.verdict import Finding, Outcome

SAME_TRADES = "same-trades"
"""The check's name; it is made only where somebody expects the same trades."""

ENGINES = "engines"
"""The name of the check that compares trades under two engines; it tells and does not judge."""

TOLD = 10
"""Differences that are shown of each window: the first ones, because what follows is mostly their consequence."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The trades that stand at one place of a window (`number` from 1, in the order of opening); None where one side has no more.

    `fields` are those in which they differ; empty where a trade is missing on one side.
    """

    window: str
    number: int
    candidate: ClosedTrade | None
    incumbent: ClosedTrade | None
    fields: tuple[str, ...] = ()


def same_trades(candidate: Sequence[WindowTrades], incumbent: Sequence[WindowTrades] | None) -> CheckResult:
    """Compare the digests of all windows' trades.

    Args:
        candidate: its trades, one entry a window; empty where it could not be run.
        incumbent: those of what it replaces, or None where there is nothing, or nothing that runs.
    """
    if incumbent is None:
        reason = "There is no incumbent whose trades could be the same: what changes nothing adds no strategy."
        return CheckResult(SAME_TRADES, (Finding(SAME_TRADES, "incumbent", Outcome.FAIL, reason),))
    if not candidate or [one.window for one in candidate] != [one.window for one in incumbent]:
        reason = "The trades cannot be compared, because some windows have none to show."
        return CheckResult(SAME_TRADES, (Finding(SAME_TRADES, "windows", Outcome.ERROR, reason),))
    found = tuple(
        _parted(mine, theirs) for mine, theirs in zip(candidate, incumbent, strict=True) if mine.digest != theirs.digest
    )
    count = sum(len(one.trades) for one in candidate)
    same = Finding(SAME_TRADES, "digest", Outcome.PASS, f"All {count} trades are those of the incumbent.")
    return CheckResult(SAME_TRADES, found or (same,))


def across_engines(
    candidate: Sequence[WindowTrades], incumbent: Sequence[WindowTrades], changes: Mapping[str, tuple[str, str]]
) -> CheckResult:
    """Which trades another engine makes of the same candles: a warning for each window, because a person should have seen it.

    Args:
        candidate: its trades under the engine that is pinned now, one entry a window; empty where it could not be run.
        incumbent: those of what it replaces, under the engine that was pinned then.
        changes: distribution -> its version then and now.
    """
    told_changes = ", ".join(
        f"{name} {old or 'none'} -> {new or 'none'}" for name, (old, new) in sorted(changes.items())
    )
    if not candidate or [one.window for one in candidate] != [one.window for one in incumbent]:
        reason = (
            f"What another engine makes of it cannot be told ({told_changes}): some windows have no trades to show."
        )
        return CheckResult(ENGINES, (Finding(ENGINES, "windows", Outcome.ERROR, reason),))
    found = tuple(
        _engine_parted(mine, theirs, told_changes)
        for mine, theirs in zip(candidate, incumbent, strict=True)
        if mine.digest != theirs.digest
    )
    count = sum(len(one.trades) for one in candidate)
    same = Finding(
        ENGINES, "digest", Outcome.PASS, f"The engine changed ({told_changes}), and all {count} trades are the same."
    )
    return CheckResult(ENGINES, found or (same,))


def differences(candidate: Sequence[WindowTrades], incumbent: Sequence[WindowTrades]) -> tuple[Difference, ...]:
    """The first differences of every window, at most TOLD of each."""
    return tuple(
        difference
        for mine, theirs in zip(candidate, incumbent, strict=True)
        for difference in list(_differences(mine, theirs))[:TOLD]
    )


def _parted(mine: WindowTrades, theirs: WindowTrades) -> Finding:
    first = next(_differences(mine, theirs), None)
    assert first is not None, "digests differ only where trades do"
    reason = (
        f"The trades are not those of the incumbent ({len(mine.trades)} and {len(theirs.trades)} of them). "
        f"The first difference is trade {first.number}: {told(first)}."
    )
    return Finding(SAME_TRADES, "digest", Outcome.FAIL, reason, window=mine.window.name)


def _engine_parted(mine: WindowTrades, theirs: WindowTrades, changes: str) -> Finding:
    every = list(_differences(mine, theirs))
    reason = (
        f"The engine changed ({changes}), and trades with it: {len(every)} of {max(len(mine.trades), len(theirs.trades))} "
        f"are others. The first difference is trade {every[0].number}: {told(every[0])}."
    )
    return Finding(ENGINES, "digest", Outcome.PASS, reason, window=mine.window.name, warning=True)


def told(difference: Difference) -> str:
    """A difference in words."""
    mine, theirs = difference.candidate, difference.incumbent
    if mine is None or theirs is None:
        only, whose = (mine, "candidate") if theirs is None else (theirs, "incumbent")
        assert only is not None
        return f"only the {whose} makes it ({only.pair}, opened {only.opened_at:%Y-%m-%d %H:%M})"
    name = difference.fields[0]
    title = name.removesuffix("_at").replace("_", " ")
    return f"{title} is {_value(mine, name)}, the incumbent's is {_value(theirs, name)}"


def _value(trade: ClosedTrade, field: str) -> str:
    value = getattr(trade, field)
    return f"{value:%Y-%m-%d %H:%M}" if field.endswith("_at") else str(value) or "nothing"


def _differences(mine: WindowTrades, theirs: WindowTrades) -> Iterator[Difference]:
    pairs = zip_longest(in_order(mine.trades), in_order(theirs.trades))
    for number, (left, right) in enumerate(pairs, start=1):
        if left is None or right is None:
            yield Difference(mine.window.name, number, left, right)
            continue
        theirs_are = trade_identity(right)
        if fields := tuple(name for name, value in trade_identity(left).items() if value != theirs_are[name]):
            yield Difference(mine.window.name, number, left, right, fields)
