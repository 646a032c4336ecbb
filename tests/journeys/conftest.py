"""One loopback exchange for all journeys."""

from tests.adapters.freqtrade.conftest import exchange, exchange_address

__all__ = ["exchange", "exchange_address"]
