"""Weights side by side."""

from dataclasses import replace
from decimal import Decimal

from pipeline.domain.trading import TradingLimits
from pipeline.render.weights import weight_rows
from tests.domain.trading.samples import DRY, LIVE

PROD = replace(LIVE, name="prod", stake=None, limits=TradingLimits(Decimal(1000), Decimal(3000), 7))


def test_what_is_at_stake_is_told_with_how_many_times_the_other_it_is() -> None:
    rows = {row.what: (row.left, row.right, row.times) for row in weight_rows(LIVE, PROD)}
    assert rows["money"] == ("real", "real", "")
    assert rows["capital of a bot"] == ("100 USDT", "1000 USDT", "x 10")
    assert rows["capital in all"] == ("300 USDT", "3000 USDT", "x 10")
    assert rows["stake of a trade, at most"] == ("20 USDT", "142.86 USDT", "x 7.14")
    assert rows["open trades of a bot"] == ("3", "7", "x 2.33")


def test_equal_weights_are_told_too() -> None:
    assert {row.times for row in weight_rows(LIVE, LIVE)} == {"", "x 1"}


def test_simulated_money_without_a_limit_is_told_as_such() -> None:
    rows = {row.what: (row.left, row.right, row.times) for row in weight_rows(DRY, LIVE)}
    assert rows["money"] == ("simulated", "real", "")
    assert rows["capital in all"] == ("no limit", "300 USDT", "")
    assert rows["capital of a bot"] == ("1000 USDT", "100 USDT", "x 0.1")
    assert rows["to board"] == ("the gate's verdict", "24 h healthy, 1 closed trades", "")


def test_weights_in_two_currencies_are_not_divided() -> None:
    assert {row.times for row in weight_rows(LIVE, replace(PROD, stake_currency="BTC"))} == {""}


def test_small_amounts_keep_their_digits() -> None:
    tiny = replace(LIVE, stake=Decimal("0.000123456"), limits=TradingLimits(Decimal("0.001"), Decimal("0.002"), 3))
    rows = {row.what: row.left for row in weight_rows(tiny, tiny)}
    assert rows["stake of a trade, at most"] == "0.000123 USDT"
    assert rows["capital of a bot"] == "0.001 USDT"


def test_what_is_asked_of_the_device_grows_with_the_weight() -> None:
    rows = [row for row in weight_rows(LIVE, PROD, (False, True)) if row.what == "of the device"]
    assert [(row.left, row.right) for row in rows] == [
        ("private, clock set", "private, clock set, encrypted, backed up")
    ]
    assert [row.left for row in weight_rows(DRY, LIVE) if row.what == "of the device"] == ["private"]
