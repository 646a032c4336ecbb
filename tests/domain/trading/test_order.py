"""All environments together: an order without circles, and money that only grows along it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.domain.environment import DatasetReference, Environment, Mode
from pipeline.domain.job import Account
from pipeline.domain.policy import Policy
from pipeline.domain.trading import TradingLimits
from pipeline.domain.trading.order import AnyEnvironment, before, disagreements, in_order
from tests.domain.trading.samples import DRY, LIVE

CI = Environment(
    "ci", Mode.HISTORY, "binance", DatasetReference(), Account("USDT", 1.0, None, 1), (), Policy(("lint",))
)
PROD = replace(LIVE, name="prod", after="sandbox", stake=None, limits=TradingLimits(Decimal(1000), Decimal(3000), 5))


def told(*environments: AnyEnvironment, broken: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    by_name: dict[str, AnyEnvironment | None] = {one.name: one for one in environments}
    found = disagreements(by_name | dict.fromkeys(broken))
    return [(one.name, ".".join(one.route), one.reason) for one in found]


def test_the_train_stands_in_the_order_of_after() -> None:
    train = {one.name: one for one in (PROD, LIVE, DRY, CI)}
    assert in_order(train) == ("ci", "test", "sandbox", "prod")
    assert before(train, "prod") == ("sandbox", "test", "ci")
    assert told(*train.values()) == []


def test_a_circle_has_no_order_and_is_told_to_everybody_in_it() -> None:
    circle = {"test": replace(DRY, after="prod"), "sandbox": LIVE, "prod": PROD}
    with pytest.raises(ValueError, match="have no order"):
        in_order(circle)
    assert [found[:2] for found in told(*circle.values())] == [
        ("test", "after"),
        ("sandbox", "after"),
        ("prod", "after"),
    ]
    assert told(replace(DRY, after="test")) == [("test", "after", "goes round in a circle: test after test")]


def test_who_comes_after_a_circle_without_being_in_it_is_told_nothing_of_it() -> None:
    found = told(replace(DRY, after="test"), replace(LIVE, after="test"))
    assert [name for name, *_ in found] == ["test"]


def test_an_environment_that_nobody_knows_is_told_with_those_that_are_there() -> None:
    assert told(CI, replace(DRY, after="cy")) == [
        ("test", "after", "there is no environment 'cy'; there is ci, by file name")
    ]


def test_a_file_with_problems_of_its_own_is_there_all_the_same() -> None:
    assert told(LIVE, broken=("test",)) == []


def test_nothing_trades_with_money_that_did_not_run_without() -> None:
    [found] = told(CI, replace(LIVE, after="ci", boarding=None))
    assert found[:2] == ("sandbox", "after")
    assert "trades in a dry_run before" in found[2]


def test_boarding_is_demanded_where_bots_ran_before_and_only_there() -> None:
    assert [found[:2] for found in told(CI, DRY, replace(LIVE, boarding=None))] == [("sandbox", "boarding")]
    assert [found[:2] for found in told(CI, replace(DRY, boarding=LIVE.boarding))] == [("test", "boarding")]


def limited(per_bot: int, in_all: int, slots: int = 5) -> TradingLimits:
    return TradingLimits(Decimal(per_bot), Decimal(in_all), slots)


@pytest.mark.parametrize(
    ("sandbox", "key"),
    [
        (replace(LIVE, limits=limited(1001, 3000)), "limits.capital_per_bot"),
        (replace(LIVE, limits=limited(100, 3001)), "limits.capital_in_all"),
        (replace(LIVE, stake=Decimal("200.01"), limits=limited(1000, 3000)), "stake"),
        (replace(LIVE, stake=None, limits=limited(1000, 3000, 4)), "stake"),
    ],
)
def test_a_sandbox_that_is_heavier_than_prod_is_refused_at_its_own_key(sandbox: AnyEnvironment, key: str) -> None:
    [(name, route, reason)] = told(CI, DRY, sandbox, PROD)
    assert (name, route) == ("sandbox", key)
    assert "more than in 'prod'" in reason


def test_weights_that_are_equal_are_not_heavier() -> None:
    assert told(CI, DRY, replace(LIVE, stake=PROD.stake, limits=PROD.limits), PROD) == []


def test_simulated_money_weighs_nothing() -> None:
    rich = replace(DRY, limits=TradingLimits(Decimal(10**6), None, 1), dry_run_wallet=Decimal(10**6))
    assert told(CI, rich, LIVE, PROD) == []


def test_weights_in_two_currencies_are_not_compared() -> None:
    assert told(CI, DRY, LIVE, replace(PROD, stake_currency="BTC", limits=limited(1, 1))) == []


def test_every_earlier_environment_with_money_is_compared_also_across_one_in_between() -> None:
    between = replace(DRY, name="shadow", after="sandbox", boarding=LIVE.boarding)
    heavy = replace(LIVE, limits=limited(2000, 3000))
    assert [found[:2] for found in told(CI, DRY, heavy, between, replace(PROD, after="shadow"))] == [
        ("sandbox", "limits.capital_per_bot")
    ]
