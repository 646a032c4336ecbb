"""The entry on a line of a ledger, read quickly: whoever reads a ledger checks all of it, and a year of twenty bots has 180,000 lines.

A line is taken here only where `read_entry` and `intact` take it too and find the same; about every other line they decide. So being quick
changes neither what is found nor what is said.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

import orjson

from pipeline.domain.canonical import Plain
from pipeline.domain.ledger import Entry, intact, read_entry

KEYS = ("at", "body", "hash", "kind", "previous", "seq")
HASH = b'"hash":"'
"""Its last place in a line is the key of the entry itself: the keys after it hold texts and a number, and a text ends before a comma or a brace."""

HASHED = len(HASH) + len("sha256:") + 64 + len('",')
"""Bytes of the hash with its key and comma; a line without them is what the hash was made of."""

AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.(?!000)[0-9]{3})?Z")
"""How a ledger writes a time; one that fits is either no time at all or written back just so."""


Parts: TypeAlias = tuple[int, datetime, str, dict[str, Plain], str, str]
"""What an entry is made of, in its order."""


def entry_of(text: bytes) -> Entry:
    """The entry on a line (without its line feed), which has the hash that it carries.

    Raises:
        ValueError: it is none, is not written as a ledger writes it, or was edited; the message says which.
    """
    found = _quickly(text)
    return _slowly(text) if found is None else Entry(*found)


def link_of(text: bytes) -> tuple[int, str, str]:
    """What chains the entry on a line to others: its number, the hash of the one before it, and its own; raises as `entry_of`."""
    found = _quickly(text)
    if found is None:
        entry = _slowly(text)
        return entry.seq, entry.previous, entry.hash
    return found[0], found[4], found[5]


def _slowly(text: bytes) -> Entry:
    entry = read_entry(text)
    if not intact(entry):
        raise ValueError("was edited")
    return entry


def _quickly(text: bytes) -> Parts | None:
    """An entry's parts, where orjson writes it as `canonical` does, and it has its hash; None where that takes a closer look."""
    try:
        value = orjson.loads(text)
        if orjson.dumps(value, option=orjson.OPT_SORT_KEYS) != text or tuple(value) != KEYS:
            return None
        at, body, carried, kind, previous, seq = value.values()
        place = text.rindex(HASH)
        made = hashlib.sha256(text[:place] + text[place + HASHED :]).hexdigest()
        if carried != f"sha256:{made}" or not AT.fullmatch(at) or not _alike(body.values()):
            return None
        if type(kind) is str and type(previous) is str and type(seq) is int:
            return seq, datetime.fromisoformat(at), kind, body, previous, carried
    except (ValueError, TypeError, AttributeError):
        pass
    return None


def _alike(values: Iterable[object]) -> bool:
    """Whether both writers write them alike: they differ in numbers that need an exponent, 1e16 for one and 1e+16 for the other."""
    for value in values:
        if isinstance(value, str):
            continue
        if isinstance(value, float):
            if value and not 1e-4 <= abs(value) < 1e15:
                return False
        elif isinstance(value, dict):
            if not _alike(value.values()):
                return False
        elif isinstance(value, list) and not _alike(value):
            return False
    return True
