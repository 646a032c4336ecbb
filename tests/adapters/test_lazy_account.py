"""An account that nobody asks needs no key and no exchange; one that is asked says what is missing."""

import sys
from decimal import Decimal

import pytest

from pipeline.adapters.lazy_account import LazyAccount
from pipeline.domain.trading import Secret, Secrets
from pipeline.errors import Refused
from pipeline.ports import ExchangeAccount
from tests.fakes import FakeClock
from tests.flows.test_deploy_preflight import FakeExchange


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


def test_a_key_that_was_exchanged_is_signed_in_with_anew_and_the_same_one_is_not() -> None:
    keys = [Secrets(access_key=Secret("old"), access_secret=Secret("s"))]
    signed_in: list[tuple[str, Secrets]] = []

    def sign_in(exchange: str, secrets: Secrets, _: object) -> ExchangeAccount:
        signed_in.append((exchange, secrets))
        return FakeExchange(FakeClock(), balance=Decimal(len(signed_in)))

    account = LazyAccount("binance", lambda: keys[-1], sign_in=sign_in)
    assert (account.free("USDT"), account.free("USDT")) == (1, 1)
    keys.append(Secrets(access_key=Secret("new"), access_secret=Secret("s")))
    assert (account.free("USDT"), account.free("USDT")) == (2, 2)
    assert signed_in == [("binance", key) for key in keys]
