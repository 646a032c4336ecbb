"""Whether and with how much a bot may enter."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.bot_entry import Circumstances, no_entry, room, stake_within

FREE = Circumstances(lease_seconds=60.0, lease_age_seconds=10.0)


def test_a_bot_with_a_fresh_lease_and_nothing_against_it_may_enter() -> None:
    assert no_entry(FREE) == ""
    assert no_entry(Circumstances()) == ""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"ending": True}, "asked to end"),
        ({"braked": True}, "is braked"),
        ({"doubtful": True}, "fate is not known"),
        ({"mode_changed": True}, "dry_run was changed"),
        ({"lease_age_seconds": None}, "lease is not there"),
        ({"lease_age_seconds": 60.1}, "older than 60 s"),
        ({"lease_age_seconds": -5.1}, "the clock was set back"),
    ],
)
def test_each_circumstance_alone_stops_entries(changed: dict[str, object], told: str) -> None:
    assert told in no_entry(replace(FREE, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("age", [-5.0, 0.0, 60.0])
def test_a_lease_is_good_up_to_its_age_and_a_little_clock_slack(age: float) -> None:
    assert no_entry(replace(FREE, lease_age_seconds=age)) == ""


def test_the_room_is_what_nothing_has_taken() -> None:
    assert room(Decimal(100), [Decimal("30.5"), Decimal(20)]) == Decimal("49.5")
    assert room(Decimal(100), [Decimal(130)]) == 0
    assert room(Decimal(100), []) == 100


def test_a_stake_is_made_to_fit_or_is_nothing() -> None:
    fits = {"least": Decimal(5), "market_order": False}
    assert stake_within(Decimal(100), Decimal(20), **fits) == 20  # type: ignore[arg-type]
    assert stake_within(Decimal(100), Decimal(1000), **fits) == Decimal("99.9")  # type: ignore[arg-type]
    assert stake_within(Decimal(100), Decimal(1000), least=Decimal(5), market_order=True) == 95
    assert stake_within(Decimal(5), Decimal(1000), **fits) == 0  # type: ignore[arg-type]
    assert stake_within(Decimal(0), Decimal(1000), least=Decimal(0), market_order=False) == 0


def test_a_stake_that_fits_is_left_alone_however_small() -> None:
    assert stake_within(Decimal(100), Decimal(2), least=Decimal(5), market_order=False) == 2


amounts = st.decimals(min_value=0, max_value=10**9, places=8)


@given(amounts, st.lists(amounts, max_size=20), amounts, st.booleans())
def test_no_sequence_of_entries_costs_more_than_the_capital(
    capital: Decimal, wishes: list[Decimal], least: Decimal, market_order: bool
) -> None:
    taken: list[Decimal] = []
    for wanted in wishes:
        taken.append(stake_within(room(capital, taken), wanted, least, market_order=market_order))
    assert sum(taken, Decimal(0)) <= capital
