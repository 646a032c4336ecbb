from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.trades import ClosedTrade
from pipeline.render.trade_tables import duration, extremes, grouped

START = datetime(2024, 1, 1, tzinfo=UTC)


def trade(pair: str, profit: float, reason: str = "roi", hours: int = 2, tag: str = "") -> ClosedTrade:
    opened = START + timedelta(hours=abs(int(profit)))
    return ClosedTrade(
        pair, opened, opened + timedelta(hours=hours), 1, 1, 1, 100, 0, 0, profit, profit / 100, tag, reason
    )


def test_groups_are_counted_and_the_most_profitable_comes_first() -> None:
    groups = grouped([trade("A/B", 3), trade("A/B", -1, hours=4), trade("C/D", 5)], lambda t: t.pair)
    assert [g.name for g in groups] == ["C/D", "A/B"]
    second = groups[1]
    assert (second.trades, second.win_rate, second.mean, second.profit, second.profit_factor, second.held) == (
        2, "50.00 %", "+1.00 %", 2, "3.00", "3.0 h",
    )  # fmt: skip
    assert groups[0].profit_factor == "∞"


def test_a_missing_tag_is_a_dash_and_a_hostile_one_is_harmless() -> None:
    groups = grouped([trade("A/B", 1), trade("A/B", 2, tag="\x1b[2Jx")], lambda t: t.enter_tag)
    assert {g.name for g in groups} == {"–", "\ufffd[2Jx"}


def test_the_number_of_groups_is_bounded() -> None:
    assert len(grouped([trade("A/B", 1, tag=f"t{n}") for n in range(500)], lambda t: t.enter_tag)) == 100


def test_no_trade_is_both_among_the_best_and_the_worst() -> None:
    best, worst = extremes([trade("A/B", profit) for profit in (1, -2, 3)])
    assert [t.profit for t in best] == [3]
    assert [t.profit for t in worst] == [-2]
    assert extremes([]) == ([], [])


@pytest.mark.parametrize(
    ("span", "said"),
    [(timedelta(minutes=25), "25 min"), (timedelta(hours=3.5), "3.5 h"), (timedelta(days=12), "12.0 d")],
)
def test_time_held_is_said_in_the_unit_that_fits(span: timedelta, said: str) -> None:
    assert duration(span) == said
