"""All trades of a window together: slots, and no trade twice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from pipeline.domain.audit.money import Numbered


def overlaps(trades: Sequence[Numbered]) -> Iterator[tuple[int, str, str]]:
    """A pair is bought only after its last trade was closed, in a later candle; the list is in the order of closing."""
    by_pair: dict[str, list[Numbered]] = defaultdict(list)
    for number, trade in trades:
        by_pair[trade.pair].append((number, trade))
    for of_pair in by_pair.values():
        of_pair.sort(key=lambda entry: (entry[1].opened_at, entry[1].closed_at))
        for (before, earlier), (number, later) in pairwise(of_pair):
            if (earlier.opened_at, earlier.closed_at) == (later.opened_at, later.closed_at):
                yield number, "duplicate", f"is trade {before + 1} once more"
            elif later.opened_at <= earlier.closed_at:
                yield number, "overlap", f"is opened while trade {before + 1} in the same pair is open"
    latest: datetime | None = None
    for number, trade in trades:
        if latest is not None and trade.closed_at < latest:
            yield number, "order", "does not stand in the order in which trades are closed"
        latest = trade.closed_at if latest is None else max(latest, trade.closed_at)


def slots(trades: Sequence[Numbered], most: int) -> Iterator[tuple[int, str, str]]:
    """Never more open trades than allowed.

    Trades that are closed in a candle free their slot for those opened in it, because freqtrade goes through one pair after the other; a trade
    that is opened and closed in one candle needs a slot only for a moment.
    """
    if most <= 0:
        return
    changes: dict[datetime, list[int]] = defaultdict(list)
    for number, trade in trades:
        changes[trade.opened_at].append(number)
    by_number = dict(trades)
    open_now: list[int] = []
    for at in sorted(changes):
        open_now = [number for number in open_now if by_number[number].closed_at > at]
        stay = [number for number in changes[at] if by_number[number].closed_at > at]
        passing = [number for number in changes[at] if by_number[number].closed_at <= at]
        if len(open_now) >= most and passing:
            yield passing[0], "slots", f"is opened while {len(open_now)} trades are open, and {most} are allowed"
        open_now += stay
        if stay and len(open_now) > most:
            yield stay[-1], "slots", f"is trade number {len(open_now)} that is open at once, and {most} are allowed"
