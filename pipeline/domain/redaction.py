"""Blacking out what looks like a secret, whoever's it is: in text by what stands before it, in data by its key."""

import re
from collections.abc import Mapping

from pipeline.domain.canonical import Plain

BLACK = "[redacted]"

_WORD = (
    r"(?:pass(?:word|phrase|wd)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|signature|credentials?|chat[_-]?id|cookie|jwt|webhook[_-]?url)"
)
_KEY = re.compile(rf"{_WORD}|^key$|^auth", re.I)
_AFTER_A_NAME = re.compile(
    rf"""((?<![A-Za-z])[\w.-]*{_WORD}(?!s\b)[\w-]*["']?\s*[:=]\s*["']?)(?!\[redacted\])([^\s"'&,;}}\])]{{3,}})""", re.I
)
_BEARER = re.compile(r"\b((?:bearer|basic)\s+)(?!\[redacted\])([A-Za-z0-9+/=._~-]{8,})", re.I)
_IN_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]*://)(?!\[redacted\])([^/\s@\"']+)(?=@)", re.I)
_TELEGRAM = re.compile(r"(/bot|\b)()(\d{6,}:[A-Za-z0-9_-]{20,})")
_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.S)


def redacted(text: str) -> tuple[str, int]:
    """The text without what stands behind a name such as `token=`, in an address before its `@`, or in a private key; and how often."""
    total = 0
    text, count = _BLOCK.subn(BLACK, text)
    total += count
    text, count = _TELEGRAM.subn(rf"\1{BLACK}", text)
    total += count
    for pattern in (_BEARER, _AFTER_A_NAME, _IN_ADDRESS):
        text, count = pattern.subn(rf"\1{BLACK}", text)
        total += count
    return text, total


def without_secrets(value: Plain) -> tuple[Plain, int]:
    """Data in which every text that stands under a secret's key is blacked out, and other texts as `redacted` does; and how often.

    Empty texts, numbers and truth values stay: they say how something is set, and no secret is one.
    """
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, list):
        items = [without_secrets(item) for item in value]
        return [item for item, _ in items], sum(count for _, count in items)
    if isinstance(value, Mapping):
        pairs = {key: _under(key, item) for key, item in value.items()}
        return {key: item for key, (item, _) in pairs.items()}, sum(count for _, count in pairs.values())
    return value, 0


def _under(key: str, value: Plain) -> tuple[Plain, int]:
    if isinstance(value, str) and value and _KEY.search(key):
        return BLACK, 1
    return without_secrets(value)
