"""What makes freqtrade and ccxt trade at a loopback exchange instead of at the real one."""

from collections.abc import Iterable
from typing import Any

PATHS = {
    **{"public": "api/v3", "private": "api/v3", "v1": "api/v1"},
    **{"sapi": "sapi/v1", "sapiV2": "sapi/v2", "sapiV3": "sapi/v3", "sapiV4": "sapi/v4"},
    **{"fapiPublic": "fapi/v1", "fapiPublicV2": "fapi/v2", "fapiPublicV3": "fapi/v3", "fapiData": "futures/data"},
    **{"fapiPrivate": "fapi/v1", "fapiPrivateV2": "fapi/v2", "fapiPrivateV3": "fapi/v3"},
    **{"dapiPublic": "dapi/v1", "dapiPrivate": "dapi/v1", "dapiPrivateV2": "dapi/v2", "dapiData": "futures/data"},
    **{"eapiPublic": "eapi/v1", "eapiPrivate": "eapi/v1", "papi": "papi/v1", "papiV2": "papi/v2"},
}
"""Every address that ccxt's client knows, those too that are not spoken here: a stray call must not leave the machine."""

STREAMS = ("spot", "margin", "linear", "inverse", "stock", "option", "optionMarket", "optionPrivate", "papi")


def ccxt_settings(address: str) -> dict[str, Any]:
    """Options for ccxt's binance client: every address that it could call, and only spot markets."""
    urls: dict[str, Any] = {name: f"{address}/{path}" for name, path in PATHS.items()}
    stream = f"{address.replace('http', 'ws', 1)}/ws"
    urls["ws"] = {**dict.fromkeys(STREAMS, stream), "ws-api": dict.fromkeys(("spot", "linear", "inverse"), stream)}
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
