"""What speaks against a bot, as tables: facts in, sentences out; none where nothing does."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipeline.domain.account_report import AccountOrder, AccountRights, KnownOrders
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import OpenTrade, Profit
from pipeline.domain.trading import TradingLimits
from pipeline.domain.train.preflight import (
    Room,
    Share,
    against_balance,
    against_candles,
    against_clock,
    against_orders,
    against_rights,
    against_room,
    against_share,
    against_stake,
    unspent_of,
)
from tests.domain.trading.samples import DRY, LIVE

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SPEC = BotSpec("sandbox-dip-a", "sandbox", "dip", "sha256:" + "a" * 64, "/home/sandbox/bots/sandbox-dip-a", 18000)
GOOD = Room({"/home/sandbox/bots": True}, free_disk_mib=5000, database_mib=10, available_mib=2000)
MINE = Share("dip", ("BTC/USDT", "ETH/USDT"))
DYNAMIC = replace(LIVE, pairs=(), freqtrade={"pairlists": [{"method": "VolumePairList"}]})


@pytest.mark.parametrize(
    ("changed", "warm", "told"),
    [
        ({}, False, ""),
        ({"folders": {"/home": False}}, False, "/home cannot be written to"),
        ({"free_disk_mib": 1024.0}, False, ""),
        ({"free_disk_mib": 1023.9}, False, "1023 MiB of the disk are free, and 1024 MiB are needed"),
        ({"free_disk_mib": 200.0}, False, "200 MiB of the disk are free"),
        ({"database_mib": 1700.0}, False, "5000 MiB of the disk are free, and 5100 MiB are needed"),
        ({"available_mib": 400.0}, False, ""),
        ({"available_mib": 399.0}, False, "399 MiB of memory are there for a bot that takes 400 MiB"),
        ({"available_mib": 100.0, "old_mib": 350.0}, False, ""),
        ({"available_mib": 100.0, "old_mib": 350.0}, True, "100 MiB of memory are there .* a cold swap needs less"),
        ({"available_mib": 600.0, "old_mib": 700.0}, True, "600 MiB of memory are there for a bot that takes 700 MiB"),
        ({"available_mib": 750.0, "old_mib": 700.0}, True, ""),
        ({"port_held_by": "another program has it"}, False, "port 18000 .* is taken: another program has it"),
    ],
)
def test_a_device_has_room_or_the_sentence_says_what_it_lacks(
    changed: Mapping[str, object], warm: bool, told: str
) -> None:
    found = against_room(replace(GOOD, **changed), SPEC, warm=warm)  # type: ignore[arg-type]
    assert len(found) == (1 if told else 0)
    if told:
        assert re.search(told, found[0]), found


def test_a_bot_whose_memory_is_limited_needs_no_more_than_that() -> None:
    small = replace(SPEC, memory_mib=256)
    assert against_room(replace(GOOD, available_mib=256), small, warm=False) == ()
    assert against_room(replace(GOOD, available_mib=255), small, warm=False)


def test_everything_that_a_device_lacks_is_told_at_once() -> None:
    poor = Room({"/a": False, "/b": False}, 10, 1000, 10, 0, "somebody has it")
    assert len(against_room(poor, SPEC, warm=False)) == 5


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (0.0, ""),
        (5.0, ""),
        (-5.0, ""),
        (5.1, "the device's clock is 5 s behind binance's"),
        (-70.2, "the device's clock is 70 s ahead of binance's"),
    ],
)
def test_a_clock_may_differ_by_five_seconds(ahead: float, told: str) -> None:
    found = against_clock("binance", ahead)
    assert len(found) == (1 if told else 0)
    assert all(one.startswith(told) for one in found)


@pytest.mark.parametrize(
    ("timeframe", "minutes", "fresh"),
    [("5m", 0, True), ("5m", 15, True), ("5m", 16, False), ("1h", 179, True), ("1h", 181, False), ("1m", 4, False)],
)
def test_the_newest_candle_began_at_most_three_timeframes_ago(timeframe: str, minutes: int, fresh: bool) -> None:
    newest = {"BTC/USDT": NOW - timedelta(minutes=minutes)}
    assert (against_candles("binance", timeframe, newest, NOW) == ()) is fresh


def test_stale_pairs_are_named_together_and_many_of_them_counted() -> None:
    newest = {f"C{number}/USDT": NOW - timedelta(days=1) for number in range(9)}
    (told,) = against_candles("binance", "1h", {**newest, "BTC/USDT": NOW}, NOW)
    assert "C0/USDT since 2026-02-28 12:00 UTC" in told
    assert "and 4 more" in told
    assert "BTC" not in told


def test_an_unknown_timeframe_is_not_taken_for_fresh() -> None:
    (told,) = against_candles("binance", "7m", {"BTC/USDT": NOW}, NOW)
    assert "'7m'" in told


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ((), ()),
        ((Share("grid", ("SOL/USDT",)),), ()),
        ((Share("grid", ("ETH/USDT", "SOL/USDT")),), ("'grid' trades ETH/USDT on the same account",)),
        ((Share("grid", ("ETH/USDT",), own_account=True),), ()),
        (
            tuple(Share(name) for name in ("a", "b", "c")),
            ("'dip' besides 'a', 'b', 'c' makes 400 USDT at work, and limits.capital_in_all of 'sandbox' is 300 USDT",),
        ),
        (
            (Share("a", MINE.pairs), Share("b", MINE.pairs), Share("c", own_account=True)),
            ("'dip' besides", "'a' trades BTC/USDT, ETH/USDT", "'b' trades"),
        ),
    ],
)
def test_bots_share_a_limit_and_no_pair(others: tuple[Share, ...], told: tuple[str, ...]) -> None:
    found = against_share(LIVE, MINE, others)
    assert len(found) == len(told)
    assert all(one.startswith(start) for one, start in zip(found, told, strict=True)), found


def test_the_limit_may_be_reached_and_not_exceeded() -> None:
    one = replace(LIVE, limits=TradingLimits(Decimal(100), Decimal("199.99"), 3))
    assert against_share(replace(one, limits=TradingLimits(Decimal(100), Decimal(200), 3)), MINE, (Share("a"),)) == ()
    assert len(against_share(one, MINE, (Share("a"),))) == 1
    assert len(against_share(replace(one, limits=TradingLimits(Decimal(100), Decimal(99), 3)), MINE, ())) == 1


def test_a_dry_run_has_no_account_to_share_and_its_limit_counts_where_there_is_one() -> None:
    both = (Share("grid", MINE.pairs),)
    assert against_share(DRY, MINE, both) == ()
    assert against_share(replace(DRY, limits=TradingLimits(Decimal(1000), Decimal(1500), 5)), MINE, both)


def test_one_bot_alone_may_have_its_pairs_chosen_by_lists() -> None:
    mine = Share("dip")
    assert against_share(DYNAMIC, mine, ()) == ()
    (told,) = against_share(DYNAMIC, mine, (Share("grid"),))
    assert "'dip' and 'grid' may trade the same one" in told
    assert against_share(DYNAMIC, mine, (Share("grid", own_account=True),)) == ()
    assert against_share(DYNAMIC, replace(mine, own_account=True), (Share("grid"),)) == ()


@pytest.mark.parametrize(
    ("rights", "told"),
    [
        (AccountRights(True, False), ()),
        (AccountRights(True, None), ()),
        (AccountRights(False, False), ("may not trade",)),
        (AccountRights(True, True), ("may withdraw",)),
        (AccountRights(False, True), ("may not trade", "may withdraw")),
    ],
)
def test_a_key_trades_and_cannot_take_the_money_away(rights: AccountRights, told: tuple[str, ...]) -> None:
    found = against_rights("binance", rights)
    assert len(found) == len(told)
    assert all(words in one for one, words in zip(found, told, strict=True))


@pytest.mark.parametrize(
    ("free", "unspent", "enough"),
    [
        ("100", ["100"], True),
        ("99", ["100"], True),
        ("98.99", ["100"], False),
        ("0", ["0"], True),
        ("150", ["100", "50"], True),
        ("147.9", ["100", "50"], False),
        ("100", ["100", "100"], False),
    ],
)
def test_an_account_covers_what_its_bots_may_still_spend(free: str, unspent: list[str], enough: bool) -> None:
    shares = {f"s{number}": Decimal(amount) for number, amount in enumerate(unspent)}
    found = against_balance(LIVE, Decimal(free), shares)
    assert (found == ()) is enough
    if not enough:
        assert found[0].startswith(f"{free} USDT are free in the account")


def test_positions_and_losses_are_no_longer_asked_of_the_account_and_gains_need_not_be_there() -> None:
    def left(stakes: tuple[str, ...], closed: str) -> Decimal:
        trades = [_trade(stake) for stake in stakes]
        return unspent_of(Decimal(100), trades, Profit(Decimal(closed), None, 1, len(trades)))

    assert left((), "0") == 100
    assert left(("20", "30.5"), "0") == Decimal("49.5")
    assert left(("20",), "-15.25") == Decimal("64.75")
    assert left((), "40") == 100
    assert left(("100", "20"), "-5") == 0


@pytest.mark.parametrize(
    ("least", "ratio", "told"),
    [
        ({"BTC/USDT": "5"}, -0.1, ""),
        ({"BTC/USDT": "18"}, -0.1, ""),
        ({"BTC/USDT": "18.001"}, -0.1, "a stake of 20 USDT is worth 18 USDT at the stop loss (-10 %)"),
        (
            {"BTC/USDT": "5", "ETH/USDT": "19"},
            -0.1,
            "takes no order below 19 USDT on ETH/USDT: a stake of 21.1112 USDT",
        ),
        ({"BTC/USDT": "5"}, -0.99, "a stake of 500 USDT could be sold, or a closer stop loss"),
        ({"BTC/USDT": "5"}, -1.0, "choose a stop loss at which something is left"),
        ({}, -0.99, ""),
    ],
)
def test_what_is_left_of_a_stake_at_the_stop_loss_can_be_sold(least: dict[str, str], ratio: float, told: str) -> None:
    found = against_stake(LIVE, {pair: Decimal(amount) for pair, amount in least.items()}, ratio)
    assert len(found) == (1 if told else 0)
    assert all(told in one for one in found), found


def test_without_a_stake_of_its_own_a_trade_has_an_equal_share_of_the_capital() -> None:
    equal = replace(LIVE, stake=None)
    assert against_stake(equal, {"BTC/USDT": Decimal(30)}, -0.1) == ()
    assert against_stake(equal, {"BTC/USDT": Decimal("30.01")}, -0.1)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (KnownOrders(frozenset(), None), True),
        (KnownOrders(frozenset({"7"}), NOW), False),
        (KnownOrders(frozenset({"8"}), NOW + timedelta(hours=1)), True),
        (KnownOrders(frozenset({"8"}), NOW - timedelta(hours=1)), False),
    ],
)
def test_an_order_that_is_older_than_the_database_is_nobody_s(known: KnownOrders, told: bool) -> None:
    order = AccountOrder("7", "", "BTC/USDT", "buy", Decimal("0.5"), Decimal(0), Decimal(60_000), NOW)
    found = against_orders((order,), known, ("BTC/USDT",))
    assert len(found) == told
    assert all("the order 7 waits (buy 0.5 BTC/USDT at 60000" in one for one in found)
    assert against_orders((order,), known, ("ETH/USDT",)) == (), "other pairs are not this bot's matter"


def _trade(stake: str) -> OpenTrade:
    return OpenTrade(1, "BTC/USDT", False, NOW, Decimal(1), Decimal(stake), Decimal(1), None, None, None, None, "")
