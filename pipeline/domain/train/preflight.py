"""What speaks against starting a bot of an environment on a device: sentences from facts that others have gathered, none where nothing does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from pipeline.domain.account_report import AccountOrder, AccountRights, KnownOrders
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import OpenTrade, Profit
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.account import doubt, unexplained

LEAST_DISK_MIB = 1024.0
DATABASES_BESIDE = 3.0
"""So many times a database's size must be free: for its copy, for what SQLite writes beside it, and to grow."""

BOT_MIB = 400.0
"""What a bot takes at least: 316 to 361 MiB were measured, most of it imports."""

LARGEST_SKEW_SECONDS = 5.0
STALE_AFTER = 3
"""The newest candle may have begun so many timeframes ago, by the exchange's clock."""

SLACK_RATIO = Decimal("0.01")
"""Of the capital: fees and steps of amounts leave a little less than was put in."""

TOLD = 5
_SMALLEST_TOLD = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Room:
    """What the device has for one bot; sizes in MiB.

    `port_held_by` says who has the API's port, empty where it is free or this very bot's. `old_mib` is what the bots of the strategy take that
    run now. Folders map to whether files can be made there.
    """

    folders: Mapping[str, bool]
    free_disk_mib: float
    database_mib: float
    available_mib: float
    old_mib: float = 0.0
    port_held_by: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one bot takes of an environment; `own_account`: it has keys of its own."""

    strategy: str
    pairs: tuple[str, ...] = ()
    own_account: bool = False


def against_room(room: Room, spec: BotSpec, *, warm: bool) -> tuple[str, ...]:
    """Disk, memory and port. A cold swap ends the old bot before the new one starts; in a warm one both are there for a while."""
    found = [
        f"{folder} cannot be written to: mend its rights, or its disk"
        for folder, good in room.folders.items()
        if not good
    ]
    needed = max(LEAST_DISK_MIB, DATABASES_BESIDE * room.database_mib)
    if room.free_disk_mib < needed:
        found.append(f"{_size(room.free_disk_mib)} of the disk are free, and {_size(needed)} are needed: make room")
    memory = min(float(spec.memory_mib), max(BOT_MIB, room.old_mib))
    there = room.available_mib + (0.0 if warm else room.old_mib)
    if there < memory:
        beside = " beside the bot that still runs; a cold swap needs less" if warm and room.old_mib else ""
        found.append(
            f"{_size(there)} of memory are there for a bot that takes {_size(memory)}{beside}: end other programs"
        )
    if room.port_held_by:
        found.append(f"port {spec.api_port} of the bot's API is taken: {room.port_held_by}")
    return tuple(found)


def against_clock(exchange: str, ahead_seconds: float) -> tuple[str, ...]:
    """Exchanges refuse what is signed with a time that is too far from theirs, and candles end at theirs."""
    if abs(ahead_seconds) <= LARGEST_SKEW_SECONDS:
        return ()
    way = "behind" if ahead_seconds > 0 else "ahead of"
    told = f"the device's clock is {abs(ahead_seconds):.0f} s {way} {exchange}'s"
    return (f"{told}: let it be set from the network (timedatectl set-ntp true)",)


def against_candles(
    exchange: str, timeframe: str, newest: Mapping[str, datetime], exchange_now: datetime
) -> tuple[str, ...]:
    """Whether the feed is alive; `newest` says when the newest candle of each pair began, finished or not."""
    if timeframe not in TIMEFRAMES:
        return (f"'{timeframe}' is no timeframe that the train knows, so nobody can say whether candles are fresh",)
    longest = STALE_AFTER * TIMEFRAMES[timeframe]
    old = [
        f"{pair} since {began:%Y-%m-%d %H:%M} UTC" for pair, began in newest.items() if exchange_now - began > longest
    ]
    if not old:
        return ()
    return (f"{exchange} has no new candle of {timeframe} for {_some(old)}: wait until it has, or leave the pairs out",)


def against_share(environment: TradingEnvironment, mine: Share, others: Sequence[Share]) -> tuple[str, ...]:
    """The environment's limit for all bots together; with real money, that no two of an account trade the same pair."""
    found, limits = [], environment.limits
    names = ", ".join(f"'{other.strategy}'" for other in others)
    if (
        limits.capital_in_all is not None
        and (total := limits.capital_per_bot * (len(others) + 1)) > limits.capital_in_all
    ):
        besides = f" besides {names}" if others else ""
        found.append(
            f"'{mine.strategy}'{besides} makes {_money(total, environment)} at work, and limits.capital_in_all of "
            f"'{environment.name}' is {_money(limits.capital_in_all, environment)}: stop another bot, or change the limits"
        )
    if environment.dry_run or mine.own_account:
        return tuple(found)
    beside = [other for other in others if not other.own_account]
    if environment.dynamic_pairs and beside:
        found.append(
            f"'{environment.name}' lets pair lists choose the pairs, so that '{mine.strategy}' and '{beside[0].strategy}' may trade the "
            "same one on one account: give all but one keys of their own, or name the pairs"
        )
    for other in beside:
        if both := [pair for pair in mine.pairs if pair in other.pairs]:
            found.append(
                f"'{other.strategy}' trades {_some(both)} on the same account, and each would take the other's orders for its own: "
                "give them different pairs, or keys of their own"
            )
    return tuple(found)


def against_rights(exchange: str, rights: AccountRights) -> tuple[str, ...]:
    """A key that trades and cannot take the money away; where the exchange does not tell, nobody can."""
    found = []
    if not rights.may_trade:
        found.append(f"the key may not trade on {exchange}: give it that right, from this device's address")
    if rights.may_withdraw:
        found.append(f"the key may withdraw money from {exchange}: a bot needs no such right; make a key without it")
    return tuple(found)


def against_balance(environment: TradingEnvironment, free: Decimal, unspent: Mapping[str, Decimal]) -> tuple[str, ...]:
    """Whether the account covers what all its bots may still spend, this one among them, in the stake currency by strategy."""
    wanted = sum(unspent.values(), Decimal(0))
    if free >= wanted - SLACK_RATIO * environment.limits.capital_per_bot * len(unspent):
        return ()
    who = "the bot" if len(unspent) == 1 else f"the account's {len(unspent)} bots"
    told = (
        f"{_money(free, environment)} are free in the account, and {who} may still spend {_money(wanted, environment)}"
    )
    return (f"{told}: pay in more, or lower limits.capital_per_bot of '{environment.name}'",)


def against_stake(
    environment: TradingEnvironment, least: Mapping[str, Decimal], stoploss_ratio: float
) -> tuple[str, ...]:
    """Whether what is left of a stake at the stop loss can still be sold; `least` is the smallest order of each pair, in the stake currency."""
    stake = environment.largest_stake
    left = stake * (1 + Decimal(str(stoploss_ratio)))
    short = {pair: order for pair, order in least.items() if left < order}
    if not short:
        return ()
    greatest = max(short.values())
    told = _some([f"{_money(order, environment)} on {pair}" for pair, order in short.items()])
    worth = f"a stake of {_money(stake, environment)} is worth {_money(left, environment)} at the stop loss ({stoploss_ratio * 100:g} %)"
    remedy = "choose a stop loss at which something is left"
    if stoploss_ratio > -1:
        raised = (greatest / (1 + Decimal(str(stoploss_ratio)))).quantize(_SMALLEST_TOLD, ROUND_CEILING)
        remedy = f"a stake of {_money(raised, environment)} could be sold, or a closer stop loss"
    return (f"{worth}, and {environment.exchange} takes no order below {told}: {remedy}",)


def against_orders(orders: Sequence[AccountOrder], known: KnownOrders, pairs: Sequence[str]) -> tuple[str, ...]:
    """Waiting orders that are older than the bot's database. Younger ones and fills are reconciled after the start."""
    strange = unexplained(orders, (), known, pairs).orders
    old = [order for order in strange if known.since_at is None or order.placed_at < known.since_at]
    told = doubt(old, ())
    return (f"{told}: cancel them on the exchange's page, or give the bots an account of their own",) if told else ()


def unspent_of(capital: Decimal, trades: Sequence[OpenTrade], profit: Profit) -> Decimal:
    """What a bot may still spend: its capital, less what its positions and entry orders hold and what it has lost."""
    held = sum((trade.stake for trade in trades), Decimal(0))
    return max(Decimal(0), capital + min(Decimal(0), profit.closed) - held)


def _some(named: Sequence[str]) -> str:
    more = f" and {len(named) - TOLD} more" if len(named) > TOLD else ""
    return ", ".join(named[:TOLD]) + more


def _money(amount: Decimal, environment: TradingEnvironment) -> str:
    """Without noughts at the end."""
    rounded = amount.quantize(_SMALLEST_TOLD)
    return f"{rounded.normalize() if rounded != rounded.to_integral_value() else rounded.to_integral_value():f} {environment.stake_currency}"


def _size(mib: float) -> str:
    """Rounded down, so that what is too little never looks like enough."""
    return f"{mib / 1024:.0f} GiB" if mib >= 10240 else f"{int(mib)} MiB"
