"""A real bot between two loops, ten minutes apart: whoever asks it to stop or to end does not wait them out, and a loop that runs is finished."""

import signal
import threading
import time
from pathlib import Path

import pytest

from pipeline.domain.bot_report import Trading
from pipeline.errors import ToolFailed
from pipeline.rehearsal.exchange import FaultKind, RemoteControl
from tests.adapters.freqtrade.test_bot_trading import ORDER, holding, placed, recorded
from tests.bot_ground import PATIENCE_SECONDS, Home, account, running

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

SLEEPY = {"internals": {"process_throttle_secs": 600}, "timeframe": "1d"}
"""Candles of a day, because freqtrade wakes up for each new one, at every full hour for those of an hour."""


def test_a_bot_that_sleeps_stops_at_once_goes_on_at_once_and_ends_at_once(
    tmp_path: Path, exchange_address: str
) -> None:
    home = Home(tmp_path, exchange_address, freqtrade=SLEEPY)
    with running(home) as bot:
        bot.until_looping()
        before = bot.api.health().last_loop_at
        bot.api.stop(PATIENCE_SECONDS)
        assert bot.api.health().last_loop_at == before, "it stopped with a loop more"
        bot.api.stop_entries()
        bot.until(lambda: bot.api.health().last_loop_at != before, "it does not go on")
        assert bot.api.identity().state is Trading.PAUSED
        bot.ask_to_end()
        bot.process.send_signal(signal.SIGINT)
        bot.ask_to_end()
        assert bot.code() == 0


def test_a_stopped_bot_that_sleeps_ends_at_once(tmp_path: Path, exchange_address: str) -> None:
    home = Home(tmp_path, exchange_address, freqtrade=SLEEPY)
    with running(home) as bot:
        bot.until_looping()
        bot.api.stop(PATIENCE_SECONDS)
        bot.ask_to_end()
        assert bot.code() == 0


def test_a_stop_in_the_middle_of_a_loop_is_heard_right_after_it_with_its_order_recorded(
    tmp_path: Path, exchange_address: str, exchange: RemoteControl
) -> None:
    exchange.open_account(account("asleep"))
    home = Home(tmp_path, exchange_address, mode="live", account="asleep", freqtrade=SLEEPY)
    with running(home) as bot:
        bot.until_looping()
        bot.api.stop(PATIENCE_SECONDS)
        exchange.disturb(FaultKind.HANG_AFTER, **ORDER)
        bot.api.start()
        bot.until(lambda: holding(exchange), "no order was sent")
        with pytest.raises(ToolFailed, match="did not finish its loop within 1 s"):
            bot.api.stop(1.0)
        assert recorded(home) == set()
        threading.Timer(1.0, exchange.lift).start()
        bot.api.stop(PATIENCE_SECONDS)
        assert recorded(home) == placed(exchange, "asleep") != set()


def test_a_term_in_the_middle_of_a_loop_is_heard_right_after_it_with_its_order_recorded(
    tmp_path: Path, exchange_address: str, exchange: RemoteControl
) -> None:
    exchange.open_account(account("ended"))
    home = Home(tmp_path, exchange_address, mode="live", account="ended", freqtrade=SLEEPY)
    with running(home) as bot:
        bot.until_looping()
        bot.api.stop(PATIENCE_SECONDS)
        exchange.disturb(FaultKind.HANG_AFTER, **ORDER)
        bot.api.start()
        bot.until(lambda: holding(exchange), "no order was sent")
        bot.ask_to_end()
        time.sleep(1.0)
        bot.ask_to_end()
        time.sleep(1.0)
        assert bot.process.poll() is None
        exchange.lift()
        assert bot.code() == 0
        assert recorded(home) == placed(exchange, "ended")
        assert len(recorded(home)) == 1
