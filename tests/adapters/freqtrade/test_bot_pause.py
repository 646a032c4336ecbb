"""The pause after a temporary error ends with a stop, and the throttle's sleep that follows it does as well."""

import threading
import time

import pytest
from freqtrade.enums import State
from freqtrade.exceptions import TemporaryError
from freqtrade.freqtradebot import FreqtradeBot

from pipeline.adapters.freqtrade.bot_ending import Ending
from pipeline.adapters.freqtrade.bot_trading import GuardedBot

LONG = 600.0


class Doubtless:
    """What a bot asks of its guard in each loop."""

    def __init__(self) -> None:
        self.doubt = self

    def settle(self, _exchange: object) -> None:
        pass


def test_a_stop_ends_the_pause_after_an_error_and_the_sleep_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: FreqtradeBot) -> None:
        raise TemporaryError("the exchange is out of reach")

    monkeypatch.setattr(FreqtradeBot, "process", fails)
    monkeypatch.setattr("pipeline.adapters.freqtrade.bot_trading.RETRY_TIMEOUT", LONG)
    ending = Ending()
    bot = GuardedBot.__new__(GuardedBot)
    bot._guard, bot._ending, bot._begun, bot.exchange = Doubtless(), ending, True, None
    bot.state = State.RUNNING
    threading.Timer(0.2, lambda: setattr(bot, "state", State.STOPPED)).start()
    begun = time.monotonic()
    bot.process()
    assert bot.state == State.STOPPED
    ending.wait(LONG)
    assert time.monotonic() - begun < LONG / 2
