"""What an exchange wants to be signed in with, and what can be told from a secret's form without asking anybody."""

import re

PASSWORD_EXCHANGES = frozenset(
    (
        "apex",
        "bitget",
        "blofin",
        "coinbaseexchange",
        "deepcoin",
        "kucoin",
        "kucoinfutures",
        "myokx",
        "okx",
        "okxus",
        "weex",
    )
)
"""Exchanges that ask for a password (passphrase) besides key and secret: ccxt 4.5.90, `requiredCredentials`."""

OTHER_SIGN_IN = {
    **dict.fromkeys(
        ("aster", "extended", "grvt", "lighter", "pacifica", "polymarket", "revolutx"), "a private key of a wallet"
    ),
    **dict.fromkeys(("derive", "hyperliquid", "nado", "paradex"), "a wallet's address and private key"),
    **dict.fromkeys(("coinmate", "cryptomus", "ndax"), "a user's id"),
    **dict.fromkeys(("hibachi", "modetrade", "woofipro"), "an account's id"),
}
"""Exchanges that ask for something else than key, secret and password; the train cannot sign in there. From the same list."""

_HEX24, _UUID = r"[0-9a-f]{24}", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PEM = r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*"
_FORMS = {
    "kraken": (r"[A-Za-z0-9+/]{56}", r"[A-Za-z0-9+/]{86}=="),
    "kucoin": (_HEX24, _UUID),
    "okx": (_UUID, r"[0-9A-F]{32}"),
    "coinbase": (r"organizations/.+", _PEM),
}
"""Exchange -> how its keys and its secrets look, where the two can be told apart. Binance's cannot: both are 64 letters and digits."""

_PLACEHOLDERS = (
    r"\$\{.*\}|<.*>|(change|replace)[-_ ]?me|your[-_ ].*|x{3,}|\.{3,}|\*{3,}|none|null|todo|undefined|secret|key|test"
)


def is_placeholder(text: str) -> bool:
    """Whether somebody forgot to put the real thing here: `${NAME}` that nobody filled in, `<key>`, `changeme`."""
    return re.fullmatch(_PLACEHOLDERS, text, re.IGNORECASE | re.DOTALL) is not None


def is_pem(text: str) -> bool:
    """Whether it is a private key in its armour of several lines, as some exchanges give out for a secret."""
    return re.match(_PEM, text, re.DOTALL) is not None


def look_swapped(exchange: str, key: str, secret: str) -> bool:
    """Whether the key has the form of a secret and the other way round, as far as this exchange's can be told apart."""
    if is_pem(key) and not is_pem(secret):
        return True
    forms = _FORMS.get(exchange)
    if forms is None:
        return False
    straight = _is(forms[0], key) or _is(forms[1], secret)
    return not straight and (_is(forms[1], key) or _is(forms[0], secret))


def _is(form: str, text: str) -> bool:
    return re.fullmatch(form, text, re.DOTALL) is not None
