"""The loopback exchange that all bots of these tests trade on; live ones have an account each."""

from collections.abc import Iterator

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange import ExchangeInThread, RemoteControl, Settings
from tests.bot_ground import PAIRS


@pytest.fixture(scope="session")
def exchange_address() -> Iterator[str]:
    with ExchangeInThread(Settings(pairs=PAIRS), SystemClock()) as exchange:
        yield exchange.address


@pytest.fixture
def exchange(exchange_address: str) -> Iterator[RemoteControl]:
    control = RemoteControl(exchange_address)
    yield control
    control.lift()
