"""The market snapshot."""

from copy import deepcopy
from typing import Any

import pytest

from pipeline.domain.candles import Units
from pipeline.domain.dataset import Severity
from pipeline.domain.markets import market_problems, unified_market, units_of

UNITS = Units.of("0.01", "0.001")


def snapshot() -> dict[str, Any]:
    return {"BTC/USDT": deepcopy(unified_market("BTC/USDT", UNITS))}


def test_a_made_market_is_complete_and_counts_in_its_units() -> None:
    assert market_problems(snapshot(), ["BTC/USDT"]) == ()
    assert units_of(snapshot(), "BTC/USDT") == UNITS


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("precision", "price"), None, "lacks precision.price"),
        (("precision", "amount"), 0, "lacks precision.amount"),
        (("precision",), None, "lacks precision.amount"),
        (("limits", "cost"), None, "lacks limits.cost"),
        (("limits", "amount", "min"), "much", "lacks limits.amount"),
        (("taker",), None, "lacks taker"),
        (("maker",), 5, "lacks maker"),
        (("spot",), False, "is no spot market"),
        (("symbol",), "ETH/USDT", "is described as another market"),
    ],
)
def test_what_a_market_lacks_is_named(path: tuple[str, ...], value: object, said: str) -> None:
    markets = snapshot()
    place = markets["BTC/USDT"]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    problems = market_problems(markets, ["BTC/USDT"])
    assert any(said in problem.message for problem in problems), problems


def test_a_missing_pair_is_named_and_a_sleeping_one_warned_of() -> None:
    markets = snapshot()
    markets["BTC/USDT"]["active"] = False
    problems = market_problems(markets, ["BTC/USDT", "ETH/USDT"])
    assert [(problem.message, problem.severity) for problem in problems] == [
        ("BTC/USDT was not traded when the snapshot was taken", Severity.WARNING),
        ("it lacks ETH/USDT", Severity.ERROR),
    ]


def test_no_limit_is_a_limit_too() -> None:
    markets = snapshot()
    markets["BTC/USDT"]["limits"]["cost"] = {"min": None, "max": None}
    assert market_problems(markets, ["BTC/USDT"]) == ()


def test_units_of_a_pair_that_is_not_there_are_an_error() -> None:
    with pytest.raises(ValueError, match="ETH/USDT has no usable precision"):
        units_of(snapshot(), "ETH/USDT")
