"""Whatever is asked of an endpoint, it answers with JSON or with a refusal, and the books still balance."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rehearsal.exchange import Account, Settings
from pipeline.rehearsal.exchange.asking import Asking
from pipeline.rehearsal.exchange.endpoints import ENDPOINTS
from pipeline.rehearsal.exchange.refusals import Rejected
from pipeline.rehearsal.exchange.venue import Venue
from tests.fakes import FakeClock

OURS = Account("ours", "key", "secret", {"USDT": Decimal(1_000_000), "BTC": Decimal(10)})
CLOCK = FakeClock(datetime(2026, 6, 1, 12, 0, tzinfo=UTC))
VENUE = Venue(Settings((OURS,), ("BTC/USDT", "ETH/USDT")), CLOCK)

NUMBERS = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "0.01", "57000", "57000.001", "99999999999999999999", "1e400", "NaN", "1001"]),
    st.integers(0, 10**19).map(str),
    st.decimals(0, 10**6, allow_nan=False, places=5).map(str),
)
TEXTS = st.one_of(
    st.sampled_from(["", "BTCUSDT", "ETHUSDT", "mine", "[]", "{}", '["BTCUSDT"]', "[[]]"]), st.text(max_size=40)
)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("symbol", "symbols", "newClientOrderId", "origClientOrderId"), TEXTS),
        **dict.fromkeys(("quantity", "price", "stopPrice", "quoteOrderQty"), NUMBERS),
        **dict.fromkeys(("limit", "orderId", "fromId", "startTime", "endTime"), NUMBERS),
        "interval": st.sampled_from(["1m", "1d", "1w", "7m", ""]),
        "side": st.sampled_from(["BUY", "SELL", "buy", ""]),
        "type": st.sampled_from(["LIMIT", "MARKET", "STOP_LOSS_LIMIT", "LIMIT_MAKER", "OCO"]),
        "timeInForce": st.sampled_from(["GTC", "IOC", "FOK", "GTX"]),
    },
)


@settings(max_examples=400, deadline=None)
@given(place=st.sampled_from(sorted(ENDPOINTS)), parameters=PARAMETERS, seconds=st.integers(0, 90))
def test_any_request_is_answered_or_refused(place: tuple[str, str], parameters: dict[str, str], seconds: int) -> None:
    ask(place, parameters, seconds)


@settings(max_examples=300, deadline=None)
@given(parameters=PARAMETERS, seconds=st.integers(0, 90))
def test_any_order_is_answered_or_refused(parameters: dict[str, str], seconds: int) -> None:
    likely = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.01", "timeInForce": "GTC"}
    ask(("POST", "/api/v3/order"), likely | parameters, seconds)


def ask(place: tuple[str, str], parameters: dict[str, str], seconds: int) -> None:
    """All examples meet the same exchange, so that it fills up with orders."""
    CLOCK.sleep(seconds)
    VENUE.settle()
    with suppress(Rejected):
        json.dumps(ENDPOINTS[place].answer(VENUE, Asking(parameters, OURS)))
    for balance in VENUE.books.balances("ours").values():
        assert balance.free >= 0
        assert balance.locked >= 0
