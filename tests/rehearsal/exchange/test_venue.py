"""Market and books together, by a clock that stands still until it is told to go on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.rehearsal.exchange import Account, ExchangeInThread, Move, Settings, settings_of
from pipeline.rehearsal.exchange.orders import OrderType, Side, Status, Wanted
from pipeline.rehearsal.exchange.venue import Venue
from tests.fakes import FakeClock

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
NAME = "BTCUSDT"
OURS = Account("ours", "key", "secret", {"USDT": Decimal(100_000)})


def dip_and_back() -> tuple[Move, ...]:
    start = NOON + timedelta(minutes=3)
    return Move("BTC/USDT", start, -0.1, 20), Move("BTC/USDT", start + timedelta(seconds=20), 0.12, 20)


def test_a_dip_between_two_looks_fills_the_order_at_the_dip() -> None:
    clock = FakeClock(NOON)
    venue = Venue(Settings((OURS,), ("BTC/USDT",), swing_ratio=0.0, moves=dip_and_back()), clock)
    last = venue.market.depth(NAME).last
    price = (last * Decimal("0.92")).quantize(Decimal("0.01"))
    order = venue.books.place(
        "ours",
        Wanted(NAME, Side.BUY, OrderType.LIMIT, Decimal("0.1"), price),
        venue.market.depth(NAME),
        venue.now(),
    )
    assert order.status is Status.NEW
    clock.sleep(600)
    venue.settle()
    assert venue.market.depth(NAME).last > price
    (filled,) = venue.books.orders("ours")
    assert (filled.status, filled.updated_at) == (Status.FILLED, NOON + timedelta(minutes=3, seconds=20))


def test_a_key_belongs_to_one_account() -> None:
    with pytest.raises(ValueError, match="another account"):
        Venue(Settings((OURS, replace(OURS, name="theirs")), ("BTC/USDT",)), FakeClock(NOON))


def test_secrets_do_not_show_where_accounts_are_printed() -> None:
    assert "hidden" not in repr(Settings((replace(OURS, secret="hidden"),)))


def test_settings_are_read_with_amounts_as_they_are_written() -> None:
    read = settings_of(
        {
            "accounts": [{"name": "ours", "key": "key", "secret": "secret", "balances": {"USDT": "0.10"}}],
            "pairs": ["ETH/USDT"],
            "spread_ratio": "0.001",
            "swing_ratio": 0.5,
            "moves": [{"pair": "ETH/USDT", "at": "2026-06-01T14:00:00+02:00", "ratio": -0.03}],
        }
    )
    assert read == Settings(
        (Account("ours", "key", "secret", {"USDT": Decimal("0.10")}),),
        ("ETH/USDT",),
        spread_ratio=Decimal("0.001"),
        swing_ratio=0.5,
        moves=(Move("ETH/USDT", NOON, -0.03),),
    )


@pytest.mark.sockets
def test_a_taken_port_is_told_to_who_starts_it_in_a_thread() -> None:
    with ExchangeInThread(Settings(), SystemClock()) as first:
        port = int(first.address.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="address already in use"):
            ExchangeInThread(Settings(port=port), SystemClock()).start()
