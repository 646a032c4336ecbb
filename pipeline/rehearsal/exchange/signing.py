"""Who is asking: API keys, HMAC signatures and the window in which a request is believed."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from pipeline.rehearsal.exchange import refusals
from pipeline.rehearsal.exchange.refusals import Rejected
from pipeline.rehearsal.exchange.settings import Account

DEFAULT_WINDOW = 5000
WIDEST_WINDOW = 60_000
_AHEAD = 1000


def signature(secret: str, payload: str) -> str:
    """HMAC SHA-256 in hexadecimal."""
    return hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


def signer(accounts: Iterable[Account], key: str | None, raw: str, parameters: Mapping[str, str], now: int) -> Account:
    """The account that signed a request; `raw` is query and body as they were sent, `now` the exchange's time in milliseconds.

    Raises:
        Rejected: the key, the signature or the time is missing or wrong, in the order in which the exchange looks.
    """
    _check_time(parameters, now)
    if "signature" not in parameters:
        raise Rejected(refusals.missing("signature"))
    if not key:
        raise Rejected(refusals.BAD_KEY)
    account = next((account for account in accounts if hmac.compare_digest(account.key.encode(), key.encode())), None)
    if account is None:
        raise Rejected(refusals.WRONG_KEY)
    payload = "&".join(part for part in raw.split("&") if not part.startswith("signature="))
    if not hmac.compare_digest(signature(account.secret, payload), parameters["signature"]):
        raise Rejected(refusals.BAD_SIGNATURE)
    return account


def _check_time(parameters: Mapping[str, str], now: int) -> None:
    try:
        timestamp = int(parameters["timestamp"])
    except (KeyError, ValueError):
        raise Rejected(refusals.missing("timestamp")) from None
    try:
        window = float(parameters.get("recvWindow") or DEFAULT_WINDOW)
    except ValueError:
        raise Rejected(refusals.illegal("recvWindow")) from None
    if not 0 <= window <= WIDEST_WINDOW:
        raise Rejected(refusals.WINDOW_TOO_WIDE)
    if timestamp >= now + _AHEAD:
        raise Rejected(refusals.TOO_EARLY)
    if now - timestamp > window:
        raise Rejected(refusals.TOO_LATE)
