"""What makes freqtrade and ccxt trade at a loopback exchange instead of at the real one."""

from collections.abc import Iterable
from typing import Any


def ccxt_settings(address: str) -> dict[str, Any]:
    """Options for ccxt's binance client: every address that it could call, and only spot markets."""
    urls = {
        "public": f"{address}/api/v3",
        "private": f"{address}/api/v3",
        "sapi": f"{address}/sapi/v1",
        "sapiV2": f"{address}/sapi/v2",
        "sapiV3": f"{address}/sapi/v3",
        "sapiV4": f"{address}/sapi/v4",
    }
    return {
        "urls": {"api": urls},
        "options": {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchMargins": False},
        "enableRateLimit": False,
    }


def freqtrade_settings(address: str, pairs: Iterable[str]) -> dict[str, Any]:
    """A fragment of a freqtrade configuration, without keys: they belong into the secret fragment."""
    return {
        "exchange": {
            "name": "binance",
            "enable_ws": False,
            "ccxt_config": ccxt_settings(address),
            "ccxt_async_config": {},
            "pair_whitelist": list(pairs),
            "pair_blacklist": [],
        }
    }
