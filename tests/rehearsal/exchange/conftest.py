"""A running exchange and a client of ccxt's own that trades there."""

from collections.abc import Iterator

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange import ExchangeInThread, RemoteControl
from tests.rehearsal.exchange.clients import Running, Sync, running_settings, sync_client


@pytest.fixture
def running() -> Iterator[Running]:
    """An exchange with two accounts, whose prices move only when they are told to."""
    with ExchangeInThread(running_settings(), SystemClock()) as exchange:
        control = RemoteControl(exchange.address)
        yield Running(exchange.address, control)
        control.lift()
        control.close()


@pytest.fixture
def client(running: Running) -> Iterator[Sync]:
    """ccxt's binance with the keys of the first account, markets loaded."""
    made = sync_client(running.address)
    made.load_markets()
    yield made
    made.close()
