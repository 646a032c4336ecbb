"""Brakes: hard limits on what is observed of a bot. A limit that is reached is a FAIL; what nobody could observe is an ERROR, never a PASS."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.domain.bot_report import Candle
from pipeline.domain.train.decisions import Braked
from pipeline.domain.train.state import EnvironmentState, HoldKind
from pipeline.domain.verdict import Finding, Outcome, Verdict

CHECK = "brake"
CLOCK_SKEW = timedelta(seconds=60)
"""How far in the future a time may lie before a clock is doubted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A brake acts as soon as its limit is reached; None: there is no such brake.

    `drawdown_max_ratio`: the fall of the equity from its highest point, as a share of that. `daily_loss_max_ratio`: what was lost since midnight
    UTC, open positions included, as a share of the equity then. `heartbeat_seconds`: how long the bot's loop may be silent, and how old the
    equity may be. `consecutive_losses`: losing trades in a row. `stale_candles`: candles that were due since the newest one. `order_errors`:
    orders in a row that failed.
    """

    drawdown_max_ratio: float | None = None
    daily_loss_max_ratio: float | None = None
    heartbeat_seconds: float | None = None
    consecutive_losses: int | None = None
    stale_candles: int | None = None
    order_errors: int | None = None


@dataclass(frozen=True, slots=True)
class Equity:
    """The value of a bot's account, open positions included, in the stake currency; a measurement, hence a float. `at` is aware UTC."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed trade: when, and its profit after fees in the stake currency."""

    at: datetime
    profit: float


@dataclass(frozen=True, slots=True)
class Watched:
    """What was observed of one bot since it was released; None where it could not be asked.

    `since` is when the bundle was deployed, or released by a person after a brake: what was before counts for no brake. `looped_at` is the end
    of the bot's last loop. `candle` is the newest that any of the pairs has which were asked for; `failed_orders` are the times of the orders that
    failed since the last one that did not.
    """

    since: datetime
    looped_at: datetime | None
    equity: Sequence[Equity] | None
    closed: Sequence[Closed] | None
    candle: Candle | None = None
    failed_orders: Sequence[datetime] | None = None


def read(limits: Limits, watched: Watched, now: datetime) -> Verdict:
    """One finding for each brake there is, in a fixed order; the same observation always gives the same findings."""
    found: list[Finding] = []
    if limits.heartbeat_seconds is not None:
        found.append(_heartbeat(limits.heartbeat_seconds, watched, now))
    for name, limit in (
        ("drawdown_max_ratio", limits.drawdown_max_ratio),
        ("daily_loss_max_ratio", limits.daily_loss_max_ratio),
    ):
        if limit is not None:
            found.append(_fall(name, limit, limits.heartbeat_seconds, watched, now))
    if limits.consecutive_losses is not None:
        found.append(_losses(limits.consecutive_losses, watched, now))
    if limits.stale_candles is not None:
        found.append(_candles(limits.stale_candles, watched.candle, now))
    if limits.order_errors is not None:
        found.append(_orders(limits.order_errors, watched))
    return Verdict(tuple(found))


def to_record(verdict: Verdict, state: EnvironmentState, strategy: str, bundle: str) -> tuple[Braked, ...]:
    """The brakes that were reached and do not hold the bundle yet: what the ledger has to be told, once."""
    holding = [hold.reason for hold in state.of(strategy).holds if (hold.kind, hold.bundle) == (HoldKind.BRAKE, bundle)]
    return tuple(
        Braked(state.environment, strategy, bundle, finding.rule, finding.reason)
        for finding in verdict.findings
        if finding.outcome is Outcome.FAIL and not any(held.startswith(f"{finding.rule}: ") for held in holding)
    )


def _heartbeat(limit: float, watched: Watched, now: datetime) -> Finding:
    name, last = "heartbeat_seconds", watched.looped_at
    if last is not None and last > now + CLOCK_SKEW:
        return _unknown(name, f"The bot's last loop lies in the future ({last:%H:%M:%S} UTC): was a clock set back?")
    age = (now - max(last or watched.since, watched.since)).total_seconds()
    told = f"The bot has not looped for {age:.0f} s (limit {limit:g} s)."
    if age >= limit:
        return Finding(CHECK, name, Outcome.FAIL, told)
    if last is None:
        return _unknown(name, "The bot has not told of any loop.")
    if last < watched.since:
        return _unknown(name, "The bot has not looped since it was started.")
    return Finding(CHECK, name, Outcome.PASS, f"The bot looped {max(age, 0.0):.0f} s ago (limit {limit:g} s).")


def _fall(name: str, limit: float, stale_after: float | None, watched: Watched, now: datetime) -> Finding:
    """A fall of the equity: from its peak, or since midnight."""
    what = {"drawdown_max_ratio": "drawdown", "daily_loss_max_ratio": "loss since midnight UTC"}[name]
    points = sorted((p for p in watched.equity or () if p.at >= watched.since), key=lambda point: point.at)
    if not points:
        return _unknown(name, f"The {what} is not known: no equity was observed.")
    if any(not math.isfinite(point.value) for point in points):
        return _unknown(name, f"The {what} is not known: an observed equity is no number.")
    if points[-1].at > now + CLOCK_SKEW:
        return _unknown(name, f"The {what} is not known: equity was observed in the future. Was a clock set back?")
    start = _peak(points) if name == "drawdown_max_ratio" else at_midnight(points, now)
    if start <= 0:
        return _unknown(name, f"The {what} is not known: the equity was {start:g}.")
    ratio = max(0.0, (start - points[-1].value) / start)
    told = f"The {what} is {ratio * 100:.2f} % (limit {limit * 100:g} %)"
    if ratio >= limit:
        return Finding(CHECK, name, Outcome.FAIL, f"{told}.")
    age = (now - points[-1].at).total_seconds()
    if stale_after is not None and age >= stale_after:
        return _unknown(name, f"{told}, but the equity is {age:.0f} s old.")
    return Finding(CHECK, name, Outcome.PASS, f"{told}.")


def _peak(points: Sequence[Equity]) -> float:
    return max(point.value for point in points)


def at_midnight(points: Sequence[Equity], now: datetime) -> float:
    """The equity at the last midnight UTC: the latest that was observed by then, or the first one after it."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    before = [point for point in points if point.at <= midnight]
    return before[-1].value if before else points[0].value


def _losses(limit: int, watched: Watched, now: datetime) -> Finding:
    name = "consecutive_losses"
    if watched.closed is None:
        return _unknown(name, "How many trades lost in a row is not known.")
    trades = sorted((t for t in watched.closed if t.at >= watched.since), key=lambda trade: trade.at)
    if any(not math.isfinite(trade.profit) for trade in trades):
        return _unknown(name, "How many trades lost in a row is not known: a profit is no number.")
    if trades and trades[-1].at > now + CLOCK_SKEW:
        return _unknown(name, "A trade was closed in the future: was a clock set back?")
    row = sum(1 for _ in _last_losses(trades))
    told = f"{row} trades lost in a row (limit {limit})."
    return Finding(CHECK, name, Outcome.FAIL if row >= limit else Outcome.PASS, told)


def _last_losses(trades: Sequence[Closed]) -> Iterator[Closed]:
    for trade in reversed(trades):
        if trade.profit >= 0:
            return
        yield trade


def _candles(limit: int, candle: Candle | None, now: datetime) -> Finding:
    """How many whole candles ended since the newest one did."""
    name = "stale_candles"
    if candle is None:
        return _unknown(name, "How old the candles are is not known.")
    if candle.began_at > now + CLOCK_SKEW:
        return _unknown(name, f"A candle begins in the future ({candle.began_at:%H:%M:%S} UTC): was a clock set back?")
    due = max(0, (now - candle.began_at - candle.timeframe) // candle.timeframe)
    told = f"{due} candles were due since the newest one, which began at {candle.began_at:%Y-%m-%d %H:%M} UTC (limit {limit})."
    return Finding(CHECK, name, Outcome.FAIL if due >= limit else Outcome.PASS, told)


def _orders(limit: int, watched: Watched) -> Finding:
    name = "order_errors"
    if watched.failed_orders is None:
        return _unknown(name, "How many orders failed is not known.")
    row = sum(1 for at in watched.failed_orders if at >= watched.since)
    told = f"{row} orders failed in a row (limit {limit})."
    return Finding(CHECK, name, Outcome.FAIL if row >= limit else Outcome.PASS, told)


def _unknown(name: str, reason: str) -> Finding:
    return Finding(CHECK, name, Outcome.ERROR, reason)
