"""ccxt's asynchronous client, which freqtrade loads candles with, trades there too."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import ccxt
import pytest

from pipeline.rehearsal.exchange import FaultKind
from tests.rehearsal.exchange.clients import PAIR, Running, async_client

pytestmark = pytest.mark.sockets


def played(running: Running, story: Callable[[Any], Awaitable[None]]) -> None:
    async def play() -> None:
        client = async_client(running.address)
        try:
            await client.load_markets()
            await story(client)
        finally:
            await client.close()

    asyncio.run(play())


def test_it_reads_the_market_and_trades(running: Running) -> None:
    async def story(client: Any) -> None:
        candles, ticker, book = await asyncio.gather(
            client.fetch_ohlcv(PAIR, "1m", limit=50), client.fetch_ticker(PAIR), client.fetch_order_book(PAIR, 5)
        )
        assert len(candles) == 50
        assert ticker["ask"] == book["asks"][0][0]
        bought = await client.create_order(PAIR, "market", "buy", 0.01)
        resting = await client.create_order(PAIR, "limit", "sell", 0.01, 70_000)
        assert [bought["status"], resting["status"]] == ["closed", "open"]
        assert (await client.fetch_balance())["BTC"]["used"] == 0.01
        assert (await client.cancel_order(resting["id"], PAIR))["status"] == "canceled"
        assert [one["status"] for one in await client.fetch_orders(PAIR)] == ["closed", "canceled"]
        assert len(await client.fetch_my_trades(PAIR)) == 1

    played(running, story)


def test_it_raises_the_same_errors(running: Running) -> None:
    async def story(client: Any) -> None:
        with pytest.raises(ccxt.InsufficientFunds):
            await client.create_order(PAIR, "market", "buy", 5)
        with pytest.raises(ccxt.OrderNotFound):
            await client.fetch_order("999", PAIR)
        running.control.disturb(FaultKind.STATUS, path="/api/v3/depth", status=503, times=1)
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await client.fetch_order_book(PAIR)
        running.control.disturb(FaultKind.LOST_ANSWER, method="POST", path="/api/v3/order", times=1)
        with pytest.raises(ccxt.NetworkError):
            await client.create_order(PAIR, "market", "buy", 0.01)
        assert len(await client.fetch_my_trades(PAIR)) == 1

    played(running, story)
