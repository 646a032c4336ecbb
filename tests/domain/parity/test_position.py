"""Positions out of what bots and backtests tell, and the times in which a bot could not enter."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from pipeline.domain.bot_report import OpenTrade
from pipeline.domain.parity import Away, away_in, of_backtest, of_bot, of_open
from pipeline.domain.trades import Fill
from pipeline.domain.train.samples import Sample
from tests.domain.trade_lists import HOUR, START, trade

END = START + 10 * HOUR
MINUTE = timedelta(minutes=1)


def test_times_are_those_of_the_fills_and_entries_are_counted() -> None:
    fills = tuple(Fill(side, START + hour * HOUR, 100.0, 1.0) for side, hour in (("buy", 1), ("buy", 3), ("sell", 5)))
    found = of_bot(replace(trade(0.01, 0), fills=fills, enter_tag="dip"), END)
    assert (found.opened_at, found.closed_at, found.entries) == (START + HOUR, START + 5 * HOUR, 2)
    bare = of_bot(replace(trade(0.01, 0), fills=()), END)
    assert (bare.opened_at, bare.closed_at, bare.entries) == (START, START + 2 * HOUR, 1)


def test_what_was_closed_after_the_end_or_because_of_it_was_open() -> None:
    made = trade(0.01, 9)
    assert of_bot(made, END).closed_at is None
    assert of_bot(made, START + 12 * HOUR).closed_at == START + 11 * HOUR
    forced = replace(trade(0.01, 2), exit_reason="force_exit")
    assert of_backtest(forced, END).closed_at is None
    assert of_bot(forced, END).closed_at == START + 4 * HOUR


@pytest.mark.parametrize("reason", ["stop_loss", "stoploss_on_exchange", "trailing_stop_loss"])
def test_a_stop_is_a_stop_wherever_it_lies(reason: str) -> None:
    assert of_bot(replace(trade(-0.1, 0), exit_reason=reason), END).exit_reason == "stop_loss"


def test_an_open_trade_is_a_position_without_an_end() -> None:
    rate = Decimal("100.5")
    found = of_open(OpenTrade(1, "A/B", False, START, Decimal(2), Decimal(201), rate, None, None, None, None, "dip"))
    assert (found.pair, found.open_rate, found.closed_at, found.enter_tag) == ("A/B", 100.5, None, "dip")


def test_a_bot_that_is_paused_stopped_or_down_enters_nothing_until_it_is_seen_running() -> None:
    states = ["paused", "paused", "running", "silent", "down", "stopped", "running", "paused"]
    samples = [Sample("s", "b", "USDT", START + number * MINUTE, state) for number, state in enumerate(states)]
    at = [START + number * MINUTE for number in range(len(states))]
    assert away_in(samples, END) == (
        Away(at[0], at[2], "paused"),
        Away(at[4], at[5], "down"),
        Away(at[5], at[6], "stopped"),
        Away(at[7], END, "paused"),
    )
    assert away_in([], END) == ()
