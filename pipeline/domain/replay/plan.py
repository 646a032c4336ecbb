"""Choosing the moments to replay up to."""

import hmac
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

import numpy as np
import pandas as pd

from pipeline.domain.candles import PRICES, guessed_unit
from pipeline.domain.canonical import canonical
from pipeline.domain.evidence import WindowTrades
from pipeline.domain.replay.cut import Cut
from pipeline.domain.trades import ClosedTrade, Fill

FEW = 12
"""With at most so many trades, every decision is replayed."""

ENTRIES, EXITS, QUIET = 3, 2, 3
"""Sampled cuts of each kind where trades are many: at decisions to buy and to sell, and where nothing was decided.

The last kind finds trades that were left out: what is open then and loses later was not known to lose.
"""

MOST_LOTS = 200
"""How often is drawn at most, where moments cannot be used or come again."""

NEARLY = 1e-9
"""A fill is at its candle's opening if it differs by no more than the rounding of doubles."""


class _Kind(Enum):
    ENTRY = "entry"
    EXIT = "exit"
    QUIET = "quiet"


def seed(secret: bytes, content_digest: str, dataset_digest: str, windows: Sequence[WindowTrades]) -> bytes:
    """What the sample depends on: the strategy, the data, all trades, and a secret of the judge's that no strategy has seen.

    Without the secret, code that forges trades could work out which of them will be looked at, and forge the others.
    """
    trades = [(one.window, one.digest) for one in windows]
    return hmac.digest(
        secret, canonical({"content": content_digest, "dataset": dataset_digest, "trades": trades}), "sha256"
    )


def plan_replay(
    windows: Sequence[WindowTrades],
    frames: Mapping[str, pd.DataFrame],
    pairs: Sequence[str],
    timeframe: timedelta,
    drawn: bytes,
) -> tuple[Cut, ...]:
    """Choose the moments to cut at.

    Args:
        windows: the full run's trades of each window.
        frames: pair -> candles at the strategy's timeframe, gaps and all.
        pairs: in the order in which the engine goes through them.
        timeframe: length of a candle.
        drawn: the seed (`seed`).

    Returns:
        In order of time: every decision where there are at most `FEW` trades in all, otherwise a sample; and some moments where nothing was
        decided, so that a cut alone tells nobody that there is something to decide.
    """
    few = sum(len(one.trades) for one in windows) <= FEW
    moments: dict[_Kind, list[_Moment]] = {kind: [] for kind in _Kind}
    for one in windows:
        around = _Around(one, frames, pairs, timeframe)
        for kind, found in around.decisions().items():
            moments[kind] += [(around, at) for at in found]
    chosen: dict[tuple[str, datetime], Cut] = {}
    for kind, most in ((_Kind.ENTRY, ENTRIES), (_Kind.EXIT, EXITS), (_Kind.QUIET, QUIET)):
        everything = few and kind is not _Kind.QUIET
        taken = 0
        for around, at in moments[kind] if everything else _lots(moments[kind], drawn, kind):
            cut = around.cut(at)
            useful = cut.deciding or kind is not _Kind.ENTRY
            if useful and (cut.window.name, at) not in chosen and _settled(cut, frames):
                chosen[cut.window.name, at] = cut
                taken += 1
            if taken == most and not everything:
                break
    return tuple(sorted(chosen.values(), key=lambda cut: (cut.window.start, cut.at)))


def _lots(moments: Sequence["_Moment"], drawn: bytes, kind: _Kind) -> Iterator["_Moment"]:
    """Moments in an order that only the seed decides; one may come again."""
    for number in range(MOST_LOTS if moments else 0):
        lot = hmac.digest(drawn, f"{kind.name} {number}".encode(), "sha256")
        yield moments[int.from_bytes(lot[:8], "big") % len(moments)]


class _Around:
    """The moments of one window that can be cut at."""

    def __init__(
        self, one: WindowTrades, frames: Mapping[str, pd.DataFrame], pairs: Sequence[str], timeframe: timedelta
    ) -> None:
        self._one, self._pairs, self._timeframe = one, tuple(pairs), timeframe
        self._opens = {pair: frame.set_index("date")["open"] for pair, frame in frames.items()}
        self._fills: dict[datetime, list[tuple[ClosedTrade, Fill]]] = defaultdict(list)
        for trade in one.trades:
            for fill in trade.fills:
                self._fills[fill.at].append((trade, fill))
        grid = next(iter(frames.values()))["date"]
        inside = grid[(grid >= one.window.start) & (grid < one.window.end)]
        # A cut needs a candle before it, and the engine trades neither in a window's first candle nor as usual in its last.
        self._moments: list[datetime] = pd.DatetimeIndex(inside[2:-1]).tz_convert(UTC).to_pydatetime().tolist()

    def decisions(self) -> dict[_Kind, list[datetime]]:
        """When something was bought, when something was sold, and when nothing was done.

        What was sold within a candle, by a stop or a profit target, is decided by that candle's prices too; it is cut at the next one.
        """
        possible = set(self._moments)
        entries = {at for at, fills in self._fills.items() for _, fill in fills if fill.side == "buy"}
        exits = {
            at if self._prompt(trade, fill) else at + self._timeframe
            for at, fills in self._fills.items()
            for trade, fill in fills
            if fill.side == "sell" and trade.exit_reason != "force_exit"
        }
        crowd = self._open_trades()
        most = max(crowd.values(), default=0)
        quiet = {at for at in possible - entries - exits if crowd[at] < max(most, 1)}
        return {
            _Kind.ENTRY: sorted(entries & possible),
            _Kind.EXIT: sorted(exits & possible),
            _Kind.QUIET: sorted(quiet),
        }

    def _open_trades(self) -> dict[datetime, int]:
        """How many of the listed trades are open at each moment; one that is left out had a slot where these left one free."""
        opened, closed = (
            np.sort([at.timestamp() for at in times])
            for times in ([t.opened_at for t in self._one.trades], [t.closed_at for t in self._one.trades])
        )
        at = np.array([moment.timestamp() for moment in self._moments])
        counts = np.searchsorted(opened, at, side="right") - np.searchsorted(closed, at, side="right")
        return dict(zip(self._moments, counts.tolist(), strict=True))

    def cut(self, at: datetime) -> Cut:
        """The cut at a moment, with what of its candle can be compared.

        Sales within the candle are not repeated in a flat one. They free slots and money for the entries that the engine comes to later, so
        that only what comes before them can be compared.
        """
        fills = self._fills.get(at, [])
        unrepeated = [(trade, fill) for trade, fill in fills if fill.side == "sell" and not self._prompt(trade, fill)]
        disturbed = {trade.pair for trade, _ in unrepeated}
        if any(trade.fills[0].at < at for trade, _ in unrepeated):
            return Cut(self._one.window, at, self._timeframe, complete=False)
        order = [pair for pair in self._pairs if any(trade.pair == pair for trade, _ in fills)]
        first = next((index for index, pair in enumerate(order) if pair in disturbed), None)
        deciding = tuple(order if first is None else order[: first + 1])
        reached = tuple(
            (trade.pair, fill.price)
            for trade, fill in fills
            if fill.side == "buy" and trade.pair in deciding and not self._prompt(trade, fill)
        )
        return Cut(self._one.window, at, self._timeframe, deciding, reached, complete=first is None)

    def _prompt(self, trade: ClosedTrade, fill: Fill) -> bool:
        """Whether a fill was made at its candle's opening."""
        opening = float(self._opens[trade.pair].get(pd.Timestamp(fill.at), np.nan))
        return abs(opening - fill.price) <= NEARLY * fill.price


def _settled(cut: Cut, frames: Mapping[str, pd.DataFrame]) -> bool:
    """Whether the month's candles before the cut already show the finest digit of all of them.

    freqtrade rounds prices to it, so that a cut before that would change prices although nothing looks ahead.
    """
    month = cut.at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = min((month + timedelta(days=32)).replace(day=1), cut.window.end)
    for frame in frames.values():
        first, now, last = frame["date"].searchsorted(pd.DatetimeIndex([month, cut.at, following]))
        if first == now:
            # Only orders that name a price are rounded, and none of this month's were before the cut.
            if cut.reached:
                return False
            continue
        prices = [frame[name].to_numpy(np.float64) for name in PRICES]
        if guessed_unit([price[first:now] for price in prices]) != guessed_unit(
            [price[first:last] for price in prices]
        ):
            return False
    return True


_Moment = tuple[_Around, datetime]
