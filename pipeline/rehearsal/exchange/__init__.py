"""A loopback exchange: as much of Binance's spot REST as ccxt and freqtrade use, on 127.0.0.1, with books that balance and faults on demand."""

from pipeline.adapters.loopback import ccxt_settings, freqtrade_settings
from pipeline.rehearsal.exchange.faults import Fault, FaultKind
from pipeline.rehearsal.exchange.in_thread import ExchangeInThread
from pipeline.rehearsal.exchange.prices import Move
from pipeline.rehearsal.exchange.remote import RemoteControl
from pipeline.rehearsal.exchange.server import LoopbackExchange
from pipeline.rehearsal.exchange.settings import Account, Settings, settings_of

__all__ = [
    "Account",
    "ExchangeInThread",
    "Fault",
    "FaultKind",
    "LoopbackExchange",
    "Move",
    "RemoteControl",
    "Settings",
    "ccxt_settings",
    "freqtrade_settings",
    "settings_of",
]
