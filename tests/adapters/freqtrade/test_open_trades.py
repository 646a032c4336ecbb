"""Open trades as freqtrade's own models keep them, read for what they were entered on; and what freqtrade makes of two currencies in one database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from freqtrade.persistence import Trade, init_db

from pipeline.adapters.bot_databases import BotDatabases
from pipeline.adapters.freqtrade.bot_trading import count_in
from pipeline.domain.train.plan import Order
from pipeline.domain.train.terms import BookedTrade, Terms
from pipeline.errors import Refused
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from tests.domain.trading.samples import DRY
from tests.fakes import FakeClock
from tests.flows.road_ground import NEW, OLD, STRATEGY, Device, FakeDatabases, running

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
IN_BTC = replace(DRY, stake_currency="BTC", pairs=("ETH/BTC",))


def trade(pair: str, stake: float, *, is_open: bool = True, exchange: str = "binance") -> Trade:
    base, quote = pair.split("/")
    return Trade(
        pair=pair, base_currency=base, stake_currency=quote, exchange=exchange, stake_amount=stake, amount=1.0, open_rate=stake,
        open_date=AT, fee_open=0.001, fee_close=0.001, is_open=is_open,
    )  # fmt: skip


@pytest.fixture
def databases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BotDatabases]:
    """The database of one strategy, made and filled by freqtrade."""
    file = tmp_path / DRY.name / "databases" / f"{STRATEGY}.dry_run.sqlite"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(Trade, "use_db", True)
    init_db(f"sqlite:///{file}")
    yield BotDatabases(tmp_path, DRY, FakeClock())
    engine = Trade.session.get_bind()
    Trade.session.remove()
    engine.dispose()


def put(*trades: Trade) -> None:
    Trade.session.add_all(trades)
    Trade.commit()


def test_an_open_trade_tells_on_what_it_was_entered_and_a_closed_one_is_only_a_pair_that_was_traded(
    databases: BotDatabases,
) -> None:
    put(trade("BTC/USDT", 20.0), trade("ETH/USDT", 20.0, is_open=False), trade("ADA/BTC", 0.1, exchange="kraken"))
    assert databases.open_trades(STRATEGY) == (
        BookedTrade("BTC/USDT", AT, Terms("binance", "USDT")),
        BookedTrade("ADA/BTC", AT, Terms("kraken", "BTC")),
    )
    assert databases.known_orders(STRATEGY).pairs == {"BTC/USDT", "ETH/USDT", "ADA/BTC"}


def test_freqtrade_itself_adds_stakes_of_two_currencies_up(databases: BotDatabases) -> None:
    """Why nothing new is started on them: this sum is what it sizes and limits entries by."""
    put(trade("BTC/USDT", 20.0), trade("ETH/BTC", 0.5))
    assert Trade.total_open_trades_stakes() == 20.5


def test_our_bots_count_only_what_was_earned_in_their_currency(
    databases: BotDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss of 50 USDT would keep a bot that has 0.01 BTC from ever entering; a gain would have it stake all of that at once."""
    monkeypatch.setattr(Trade, "get_total_closed_profit", staticmethod(Trade.get_total_closed_profit))
    lost, won, old = (trade(pair, 20.0, is_open=False) for pair in ("BTC/USDT", "ETH/BTC", "ADA/BTC"))
    lost.close_profit_abs, won.close_profit_abs, old.close_profit_abs = -50.0, 0.002, 0.001
    old.stake_currency = None
    put(lost, won, old, trade("SOL/BTC", 0.1))
    assert Trade.get_total_closed_profit() == pytest.approx(-49.997)
    count_in("BTC")
    assert Trade.get_total_closed_profit() == pytest.approx(0.003)
    count_in("EUR")
    assert Trade.get_total_closed_profit() == pytest.approx(0.001), "an old engine wrote down no currency"


def test_a_deployment_in_another_currency_looks_into_the_database_itself(
    databases: BotDatabases, tmp_path: Path
) -> None:
    device = running(tmp_path / "device", trades=0)
    order = Order(STRATEGY, NEW, "operator")
    put(trade("BTC/USDT", 20.0))
    with pytest.raises(Refused, match=r"a trade is open in USDT on binance \(BTC/USDT since 2026-01-02 03:04 UTC\)"):
        deploy(order, road(device, databases))
    assert device.entering() == [OLD]
    Trade.session.query(Trade).update({"is_open": False})
    Trade.commit()
    deploy(order, road(device, databases))
    assert device.entering() == [NEW]


def road(device: Device, databases: BotDatabases) -> Road:
    class Real(FakeDatabases):
        def open_trades(self, strategy: str) -> tuple[BookedTrade, ...]:
            return databases.open_trades(strategy)

    return replace(device.road(IN_BTC), databases=Real(device))
