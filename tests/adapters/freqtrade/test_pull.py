"""The child that downloads candles: freqtrade's own download, with an exchange that answers without a network."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.candle_folder import read_folder
from pipeline.adapters.exchange_downloads import FreqtradeDownloads
from pipeline.domain.candles import milliseconds
from pipeline.errors import Refused, ToolFailed
from tests.small_sets import small_contents

pytestmark = pytest.mark.processes

OFFLINE = """
import json, sys
from freqtrade.resolvers import ExchangeResolver
from pipeline.adapters.freqtrade import pull

markets = json.load(open(sys.argv[1]))
real = ExchangeResolver.load_exchange

def load(*arguments, **options):
    exchange = real(*arguments, **options)

    async def fetch_markets(params=None):
        return list(markets.values())

    async def fetch_ohlcv(symbol, timeframe="5m", since=None, limit=None, params=None):
        step = exchange._api.parse_timeframe(timeframe) * 1000
        now = exchange._api.milliseconds()
        first = -(-(since or now - 500 * step) // step) * step
        return [[at, 100.0, 101.0, 99.0, 100.5, 2.0] for at in range(first, min(now, first + 500 * step), step)]

    exchange._api_async.fetch_markets = fetch_markets
    exchange._api_async.fetch_ohlcv = fetch_ohlcv
    exchange._api_async.has["fetchCurrencies"] = False
    return exchange

ExchangeResolver.load_exchange = load
pull.main()
"""


def downloads(tmp_path: Path) -> FreqtradeDownloads:
    (tmp_path / "markets.json").write_text(json.dumps(small_contents().markets))
    return FreqtradeDownloads((sys.executable, "-c", OFFLINE, str(tmp_path / "markets.json")))


def test_candles_and_markets_come_through_freqtrade(tmp_path: Path) -> None:
    (tmp_path / "user").mkdir()
    folder = downloads(tmp_path).download("kucoin", ["BTC/USDT"], ["1h"], 2, tmp_path / "user")
    found = read_folder(folder)
    assert found.problems == ()
    assert found.markets is not None
    assert list(found.markets) == ["BTC/USDT"]
    (file,) = found.files
    assert (file.pair, file.timeframe) == ("BTC/USDT", "1h")
    assert 48 <= len(file.frame) <= 75
    assert milliseconds(file.frame)[0] <= (datetime.now(UTC) - timedelta(days=2)).timestamp() * 1000


def test_a_pair_that_the_exchange_does_not_have_is_refused(tmp_path: Path) -> None:
    (tmp_path / "user").mkdir()
    with pytest.raises(Refused, match=r"has no market DOGE/USDT"):
        downloads(tmp_path).download("kucoin", ["DOGE/USDT"], ["1h"], 2, tmp_path / "user")


def test_an_exchange_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match='"nonsense" is not known'):
        FreqtradeDownloads().download("nonsense", ["BTC/USDT"], ["1h"], 2, tmp_path)


def test_a_child_that_dies_is_a_failed_tool_with_its_last_words(tmp_path: Path) -> None:
    dying = FreqtradeDownloads((sys.executable, "-c", "import sys; print('half'); sys.exit('no memory')"))
    with pytest.raises(ToolFailed, match="code 1 and without an answer:\nno memory"):
        dying.download("kucoin", ["BTC/USDT"], ["1h"], 2, tmp_path)


def test_the_child_sees_no_secret(tmp_path: Path) -> None:
    telling = (
        sys.executable,
        "-c",
        "import os, json; print(json.dumps({'outcome': 'refused', 'message': ' '.join(sorted(os.environ))}))",
    )
    environment = {"PATH": "/usr/bin", "GITHUB_TOKEN": "x", "FREQTRADE__EXCHANGE__KEY": "x", "HTTPS_PROXY": "http://p"}
    with pytest.raises(Refused) as caught:
        FreqtradeDownloads(telling, environment).download("kucoin", ["BTC/USDT"], ["1h"], 2, tmp_path)
    assert {"PATH", "HTTPS_PROXY", "TZ"} <= set(caught.value.message.split())
    assert not {"GITHUB_TOKEN", "FREQTRADE__EXCHANGE__KEY"} & set(caught.value.message.split())
