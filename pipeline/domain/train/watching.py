"""What a watch makes of its looks at one bot: its equity, which brakes are reached, how long it was healthy, and what has to be remembered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pipeline.domain.bot_report import Candle
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.trading import Boarding, Brake, BrakeAction, Brakes, RollBack, TradingEnvironment
from pipeline.domain.train.account_brake import Lost, forgotten, lost_today
from pipeline.domain.train.brake_readings import BrakeReading
from pipeline.domain.train.brakes import Closed, Equity, Limits, Watched, read
from pipeline.domain.train.lost_before import counts_from, earlier_today
from pipeline.domain.train.own import by_strategy, own_closed
from pipeline.domain.train.soak import Soaking, resumed
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.verdict import Verdict

HEARTBEAT, CANDLES = "heartbeat_seconds", "stale_candles"
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)

READINGS = 20
"""What the latest brakes read that is kept of a strategy; more than one bot has brakes, so that none comes twice."""


@dataclass(frozen=True, slots=True)
class Due:
    """A limit that was seen to be reached: it holds the bundle, whether or not the ledger was told before the watch died."""

    brake: str
    reason: str
    reading: BrakeReading | None = None
    """What it was read from."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of one deployment's bot beyond what the ledger and the bot itself can tell. Nothing of it holds for another one.

    `points` are the few that the brakes need, see `reduced`; `asked_from` is when the first look was; `looped_at` the latest loop that was
    ever told. `since` is the state's `counts_since`.
    """

    bundle: str
    since: datetime
    asked_from: datetime
    points: tuple[Equity, ...] = ()
    looped_at: datetime | None = None
    due: tuple[Due, ...] = ()
    soaking: Soaking = field(default_factory=Soaking)
    lost_before: Lost | None = None
    """What the deployments before this one lost on the day on which it began; a release by a person forgets it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a watch keeps of one strategy.

    `tries` counts how often it was tried in vain to bring about what should run; `told` is the latest that was told about that. `readings`
    are what the latest brakes read that were reached, whichever bundle ran: an incident is replayed from them.
    """

    bot: Remembered | None = None
    tries: int = 0
    tried_at: datetime | None = None
    told: str = ""
    readings: tuple[BrakeReading, ...] = ()

    def seeing(self, bot: Remembered | None) -> "Kept":
        """After one more look at the bot; what its brakes read that were reached stays beyond its deployment."""
        due = (one.reading for one in (bot.due if bot else ()))
        new = [reading for reading in due if reading is not None and reading not in self.readings]
        return replace(self, bot=bot, readings=(*self.readings, *new)[-READINGS:])

    def may_try(self, now: datetime) -> bool:
        """Whether it is time to try again: after a minute, then two, four, at the longest an hour. A clock that was set back may try."""
        if self.tried_at is None or now < self.tried_at:
            return True
        wait = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(max(self.tries - 1, 0), 10)))
        return now - self.tried_at >= wait


@dataclass(frozen=True, slots=True)
class Loop:
    """The bot's process and its loop: `process_since` is when it was started; `silent_from` is given where it does not answer."""

    process_since: datetime
    looped_at: datetime | None
    silent_from: datetime | None = None


def limits_of(brakes: Brakes) -> Limits:
    """An environment's brakes as limits."""
    return Limits(
        brakes.drawdown_max_ratio.limit,
        brakes.daily_loss_max_ratio.limit,
        brakes.heartbeat_seconds.limit,
        *(_count(brake) for brake in (brakes.consecutive_losses, brakes.stale_candles, brakes.order_errors)),
    )


def _count(brake: Brake | None) -> int | None:
    return int(brake.limit) if brake else None


def rolls_back(environment: TradingEnvironment, brake: str) -> bool:
    """Whether this brake takes the bundle back without a person."""
    if environment.roll_back is RollBack.MANUAL:
        return False
    return any(name == brake and b.action is BrakeAction.STOP_AND_ROLL_BACK for name, b in environment.brakes.named())


def soak_of(environment: TradingEnvironment, following: Boarding | None) -> Boarding:
    """What a bundle must have shown so that it is known to be good: what the environment after this one demands before it boards there.

    Where none follows, what this one demanded itself; a day and a closed trade where that is nothing either.
    """
    return following or environment.boarding or Boarding(24.0, 1)


def taken_up(kept: Kept, state: EnvironmentState, strategy: str, now: datetime) -> Remembered | None:
    """What is remembered of the standing bundle's bot, as far as it still holds; None where nothing stands.

    A deployment, or a release by a person, begins anew; what the bundle has shown goes on. A time beyond the present, left by a clock that was
    set back, becomes the present, so that it neither hides what comes nor is forgotten.
    """
    known = state.of(strategy)
    if known.standing is None or known.counts_since is None:
        return None
    bundle, since, bot = known.standing.bundle, known.counts_since, kept.bot
    ledger = resumed(state, strategy, bundle)
    lost = _lost_by_now(bot, state, strategy, now)
    if bot is None or bot.bundle != bundle:
        return Remembered(bundle, since, now, soaking=ledger, lost_before=lost)
    healthy = max(bot.soaking.healthy, ledger.healthy)
    trades = max(bot.soaking.closed_trades, ledger.closed_trades)
    soaking = replace(bot.soaking, healthy=healthy, closed_trades=trades)
    if bot.since != since:
        return Remembered(bundle, since, now, soaking=soaking, lost_before=lost)
    return replace(
        bot,
        asked_from=min(bot.asked_from, now),
        points=tuple(replace(point, at=min(point.at, now)) for point in bot.points),
        looped_at=min(bot.looped_at, now) if bot.looped_at else None,
        soaking=soaking,
    )


def _lost_by_now(bot: Remembered | None, state: EnvironmentState, strategy: str, now: datetime) -> Lost | None:
    """What deployments before the one that begins to count lost on this day: by what is remembered of the latest of them, if that is whose it is."""
    known = state.of(strategy)
    made = known.deployments
    if not made or made[-1].since_at != known.counts_since:
        return None  # A person has released it, and looked.
    amount = lost_today(bot.points, bot.lost_before, now) if bot is not None else 0.0
    latest = bot is not None and len(made) > 1 and bot.since >= made[-2].since_at
    if latest and bot is not None and bot.points:
        return Lost(now, amount, not forgotten(bot.lost_before, now))
    return Lost(now, amount, known=False) if earlier_today(state, strategy, counts_from((), now)) else None


def with_equity(
    bot: Remembered,
    capital: Decimal,
    with_open: Decimal,
    closed: Sequence[ClosedTrade],
    now: datetime,
    longest_gap: timedelta,
) -> Remembered:
    """One more look at the money. What was earned and lost while nobody looked counts by the trades that were closed meanwhile.

    A first look that comes in time sees what the positions that were taken over are worth: their losses are not this bundle's. One that comes late
    cannot know, and measures from the capital.
    """
    last = bot.points[-1].at if bot.points else None
    latest = equity_now(capital, with_open, closed, bot.since, now)
    unseen: tuple[Equity, ...] = ()
    if last is None and now - bot.since <= longest_gap:
        own = _sum(trade for trade in closed if trade.opened_at >= bot.since)
        unseen = (Equity(bot.since, latest.value - float(own)),)
    elif last is None or now - last > longest_gap:
        unseen = unseen_equity(capital, closed, bot.since, last)
    return replace(bot, points=reduced([*bot.points, *unseen, latest], now))


def equity_at_start(capital: Decimal, closed: Sequence[ClosedTrade], since: datetime) -> Decimal:
    """What the bot may trade with when its deployment begins: its capital, less what the database had lost by then.

    Gains from before add nothing: they make no order larger, so they must not make a brake looser.
    """
    return capital + min(Decimal(0), _sum(trade for trade in closed if trade.closed_at < since))


def equity_now(
    capital: Decimal, with_open: Decimal, closed: Sequence[ClosedTrade], since: datetime, now: datetime
) -> Equity:
    """The equity at the present prices. `with_open` is what all the database's trades earned, open ones included."""
    before = _sum(trade for trade in closed if trade.closed_at < since)
    return Equity(now, float(equity_at_start(capital, closed, since) + with_open - before))


def unseen_equity(
    capital: Decimal, closed: Sequence[ClosedTrade], since: datetime, seen_at: datetime | None
) -> tuple[Equity, ...]:
    """The equity after each trade that was closed after `seen_at`, while nobody looked; from the beginning where nothing was ever seen.

    Open positions are not in it: nobody knows what they were worth.
    """
    value = equity_at_start(capital, closed, since)
    points = [Equity(since, float(value))] if seen_at is None else []
    for trade in sorted((t for t in closed if t.closed_at >= since), key=lambda trade: trade.closed_at):
        value += Decimal(str(trade.profit))
        if seen_at is None or trade.closed_at > seen_at:
            points.append(Equity(trade.closed_at, float(value)))
    return tuple(points)


def reduced(points: Sequence[Equity], now: datetime) -> tuple[Equity, ...]:
    """The points on which every brake reads the same as on all of them: the first, the highest, the last by midnight UTC, the last."""
    if not points:
        return ()
    ordered = sorted(points, key=lambda point: point.at)
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    by_midnight = sum(1 for point in ordered if point.at <= midnight)
    highest = max(range(len(ordered)), key=lambda place: ordered[place].value)
    wanted = {0, highest, len(ordered) - 1, max(0, by_midnight - 1)}
    return tuple(ordered[place] for place in sorted(wanted))


def read_brakes(
    limits: Limits,
    since: datetime,
    loop: Loop | None,
    points: Sequence[Equity] | None,
    closed: Sequence[ClosedTrade] | None,
    now: datetime,
    candle: Candle | None = None,
    failed_orders: Sequence[datetime] | None = None,
) -> Verdict:
    """Every brake on what is known of the bot; without a `loop` (its bot is down, or a verb is swapping it) heartbeat and candles are not read.

    A process that was started anew is given the time of the heartbeat from its start. Of one that does not answer and of which nothing is known, the
    silence counts from the first look.
    """
    trades = None if closed is None else [Closed(trade.closed_at, trade.profit) for trade in closed]
    watched = Watched(since, None, points, trades, candle, failed_orders)
    found = [f for f in read(limits, watched, now).findings if f.rule != HEARTBEAT]
    if loop is None:
        found = [f for f in found if f.rule != CANDLES]
    if loop is not None:
        begun = max(since, loop.process_since)
        if loop.silent_from is not None and loop.looped_at is None:
            begun = max(begun, loop.silent_from)
        looped = read(limits, Watched(begun, loop.looped_at, None, None), now).findings
        found = [*(f for f in looped if f.rule == HEARTBEAT), *found]
    return Verdict(tuple(found))


def own_trades(closed: Sequence[ClosedTrade], state: EnvironmentState, strategy: str, bundle: str) -> int:
    """How many trades the bundle opened and closed itself, see `own_closed`; those that a person entered do not count."""
    return len(by_strategy(own_closed(closed, state, strategy, bundle)))


def _sum(trades: Iterable[ClosedTrade]) -> Decimal:
    return sum((Decimal(str(trade.profit)) for trade in trades), Decimal(0))
