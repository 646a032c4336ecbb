"""What makes freqtrade and ccxt trade at a loopback exchange instead of at the real one, and the mark of a home in which they do.

Two keys have to agree before anything is led there: the environment's file says `rehearsal: true`, and the device's home holds the mark. So neither
a changed file makes real bots trade with nobody, nor does a rehearsal reach real money.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.files import write_whole
from pipeline.errors import Refused

MARK = "rehearsal.json"
"""In a device's home: everything in it is a rehearsal, on the exchange that it names."""

_ADDRESS = r"http://127\.0\.0\.1:[1-9][0-9]{0,4}"
_MOST_BYTES = 4096

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


def mark(home: Path, address: str) -> None:
    """Make an empty folder, or one that is marked already, the home of a rehearsal on the exchange at `address`.

    Raises:
        Refused: the folder holds something else, or the address is none of the loopback.
    """
    if not re.fullmatch(_ADDRESS, address):
        raise Refused(f"{address} is no address of the loopback", hint="it reads http://127.0.0.1:PORT")
    if home.exists() and any(home.iterdir()) and not (home / MARK).exists():
        raise Refused(f"{home} is not empty", hint="a rehearsal wants a folder of its own")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(home / MARK, json.dumps({"exchange": address}).encode() + b"\n", mode=0o600)


def exchange_settings(home: Path, environment: str, *, rehearsal: bool) -> dict[str, Any] | None:
    """ccxt's options for the loopback exchange of a rehearsal; None where the exchange is the real one.

    Args:
        rehearsal: what the environment's file says.

    Raises:
        Refused: the file and the home do not agree, or the mark cannot be read.
    """
    file = home / MARK
    if not file.exists():
        if not rehearsal:
            return None
        raise Refused(
            f"'{environment}' is an environment of a rehearsal, and {home} is no rehearsal's home",
            hint="`freqtrain rehearse` plays it; for real trading take `rehearsal: true` out of its file",
        )
    if not rehearsal:
        raise Refused(
            f"{home} is the home of a rehearsal, and '{environment}' is not rehearsed", hint="give another --home"
        )
    try:
        address = json.loads(read_bounded(file, _MOST_BYTES))["exchange"]
    except (OSError, ValueError, KeyError, TypeError):
        address = None
    if not isinstance(address, str) or not re.fullmatch(_ADDRESS, address):
        raise Refused(f"{file} names no exchange of the loopback", hint="rehearse once more, in a new folder")
    return ccxt_settings(address)
