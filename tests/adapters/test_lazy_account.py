"""An account that nobody asks needs no key and no exchange; one that is asked says what is missing."""

import sys

import pytest

from pipeline.adapters.lazy_account import LazyAccount
from pipeline.domain.trading import Secrets
from pipeline.errors import Refused


def test_the_key_is_asked_for_with_the_first_question_and_every_question_tells_that_it_is_missing() -> None:
    asked: list[str] = []

    def secrets() -> Secrets:
        asked.append("the key")
        raise Refused("there is no key")

    account = LazyAccount("binance", secrets)
    assert asked == []
    for question in (lambda: account.free("USDT"), lambda: account.open_orders(("BTC/USDT",)), account.rights):
        with pytest.raises(Refused, match="there is no key"):
            question()
    assert len(asked) == 3


def test_an_exchange_that_nobody_knows_is_refused_when_it_is_asked() -> None:
    account = LazyAccount("nowhere", Secrets)
    with pytest.raises(Refused, match="ccxt knows no exchange 'nowhere'"):
        account.clock_ahead_seconds()
    assert "ccxt" in sys.modules
