"""A real freqtrade exchange whose markets come from a frozen snapshot: nothing asks a network.

freqtrade refuses an offline mode (its issues 5526, 6077, 10100), so one private attribute, the asynchronous ccxt client, is given a
`fetch_markets` that answers from the snapshot; everything behind it is freqtrade's own path.
"""

import json
from pathlib import Path
from typing import Any

from freqtrade.exchange import Exchange
from freqtrade.resolvers import ExchangeResolver


def read_markets(path: Path) -> dict[str, Any]:
    """The snapshot: symbol -> ccxt's unified market."""
    markets = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(markets, dict):
        raise ValueError(f"{path.name} holds no object of markets")
    return markets


def offline_exchange(config: dict[str, Any], markets: dict[str, Any]) -> Exchange:
    """The exchange that the configuration names, with exactly these markets.

    Raises:
        OperationalException: the configuration asks for a pair or a stake currency that the snapshot lacks.
    """
    exchange = ExchangeResolver.load_exchange(config, validate=False)

    async def fetch_markets(_params: dict[str, Any] | None = None) -> list[Any]:
        return list(markets.values())

    exchange._api_async.fetch_markets = fetch_markets
    exchange._api_async.has["fetchCurrencies"] = False
    exchange.reload_markets(True, load_leverage_tiers=False)
    exchange.validate_config(config)
    return exchange
