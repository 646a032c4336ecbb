"""All that the brakes of one bot are read from at one look; what of it is kept of one that was reached; and reading that one again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bot_report import Candle
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.account_brake import NAME, read_account
from pipeline.domain.train.brake_readings import MOST, BrakeReading, LoopRead, Share
from pipeline.domain.train.brakes import Closed, Equity, Limits
from pipeline.domain.train.watching import CANDLES, HEARTBEAT, Loop, Remembered, read_brakes
from pipeline.domain.verdict import Finding

FALLS = frozenset({"drawdown_max_ratio", "daily_loss_max_ratio"})
LOSSES, ORDERS = "consecutive_losses", "order_errors"
COUNTS = frozenset({LOSSES, CANDLES, ORDERS})
"""Brakes whose limit is a number of something."""


@dataclass(frozen=True, slots=True)
class BrakesSee:
    """The arguments of `watching.read_brakes`."""

    limits: Limits
    since: datetime
    loop: Loop | None
    points: tuple[Equity, ...]
    closed: tuple[ClosedTrade, ...] | None
    now: datetime
    candle: Candle | None = None
    failed_orders: tuple[datetime, ...] | None = None

    def read(self) -> tuple[Finding, ...]:
        """Every brake that there is."""
        return read_brakes(
            *(self.limits, self.since, self.loop, self.points, self.closed, self.now, self.candle, self.failed_orders)
        ).findings

    def reading(self, bundle: str, found: Finding) -> BrakeReading | None:
        """What the brake with this finding read; None where that is more than is kept."""
        limit = getattr(self.limits, found.rule, None)
        losses = _last_row(self.closed or (), self.since) if found.rule == LOSSES else ()
        orders = tuple(self.failed_orders or ()) if found.rule == ORDERS else ()
        if limit is None or max(len(losses), len(orders)) > MOST:
            return None
        loop = self.loop if found.rule == HEARTBEAT else None
        return BrakeReading(
            *(bundle, found.rule, self.now, float(limit), self.since, found.reason),
            points=self.points if found.rule in FALLS else (),
            losses=losses,
            loop=LoopRead(loop.process_since, loop.looped_at, loop.silent_from) if loop else None,
            candle=self.candle if found.rule == CANDLES else None,
            failed_orders=orders,
        )


def account_reading(
    bot: Remembered, found: Finding, limit: float, members: Sequence[Share], now: datetime
) -> BrakeReading:
    """What the brake on an account read that holds this bot."""
    return BrakeReading(bot.bundle, found.rule, now, limit, bot.since, found.reason, account=tuple(members))


def read_again(kept: BrakeReading) -> Finding | None:
    """What the brake reads by the code of today; None where there is no such brake any more."""
    if kept.brake == NAME:
        return read_account(kept.limit, ((share.points, share.before) for share in kept.account), kept.at)
    if kept.brake not in Limits.__dataclass_fields__:
        return None
    limits = Limits(**{kept.brake: int(kept.limit) if kept.brake in COUNTS else kept.limit})  # type: ignore[arg-type]
    loop = Loop(kept.loop.process_since, kept.loop.looped_at, kept.loop.silent_from) if kept.loop else None
    if kept.brake == CANDLES:  # It is read only of a bot that runs; when its process began says nothing about candles.
        loop = Loop(kept.since, None)
    found = read_brakes(
        *(limits, kept.since, loop, kept.points, _trades(kept.losses), kept.at, kept.candle, kept.failed_orders)
    ).findings
    return next((one for one in found if one.rule == kept.brake), None)


def _last_row(closed: Sequence[ClosedTrade], since: datetime) -> tuple[Closed, ...]:
    """The trades that lost in a row up to the last one, and the one before them."""
    ordered = sorted((Closed(t.closed_at, t.profit) for t in closed if t.closed_at >= since), key=lambda one: one.at)
    row = next((number for number, one in enumerate(reversed(ordered)) if one.profit >= 0), len(ordered))
    return tuple(ordered[-(row + 1) :])


def _trades(losses: Sequence[Closed]) -> tuple[ClosedTrade, ...]:
    """As trades of which nothing but the end and the profit is known; no brake reads more."""
    return tuple(
        ClosedTrade("", one.at, one.at, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, one.profit, 0.0, "", "") for one in losses
    )
