"""Searching for secrets in whatever is about to leave the device, in every form in which a text may have been written down."""

import base64
import html
import json
import shlex
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, quote_plus

import numpy as np
import numpy.typing as npt

LEAST = 8
"""Characters: a shorter text would be found everywhere by chance."""

LEAST_LINE = 16
"""Characters of one line of a secret of several lines, such as a private key: it is a secret of its own."""

BLACK = b"[redacted]"
CHUNK = 4 << 20


class SecretSearch:
    """Knows secrets by all their forms, and nothing of what they are for. `short` is how many were too short to be searched for."""

    def __init__(self, secrets: Iterable[str]) -> None:
        given = {text for text in secrets if text}
        self._texts = frozenset(part for text in given for part in _parts(text))
        self.short = sum(len(text) < LEAST for text in given)

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, content: bytes) -> bool:
        """Whether one of them stands in the content.

        All forms are looked for at once: places at which four pairs of bytes, one behind the other, are pairs of some form are few, and only
        these are compared. To look for each of some hundred forms would take minutes for an archive.
        """
        places = len(content) - LEAST + 1
        if places < 1 or not self._forms:
            return False
        units = np.frombuffer(content, dtype=np.uint8).astype(np.uint16)
        pairs = units[:-1] | (units[1:] << 8)
        found = np.flatnonzero(self._pairs[0][pairs[:places]])
        for number in range(1, LEAST // 2):
            found = found[self._pairs[number][pairs[found + 2 * number]]]
        return any(
            content.startswith(form, place)
            for place in map(int, found)
            for form in self._by_begin.get(content[place : place + LEAST], ())
        )

    def in_file(self, file: Path) -> bool:
        """Whether one of them stands in a file, which is never in memory as a whole; raises OSError."""
        overlap = max((len(form) for form in self._forms), default=1) - 1
        with file.open("rb") as stream:
            kept = b""
            while chunk := stream.read(CHUNK):
                content = kept + chunk
                if content in self:
                    return True
                kept = content[-overlap:] if overlap else b""
        return False

    def in_database(self, file: Path) -> bool:
        """Whether one of them stands in a value of an SQLite database: one that is long lies in several pages of the file. Raises sqlite3.Error."""
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            database.text_factory = bytes
            names = [
                name.decode() for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for name in names:
                rows = database.execute('SELECT * FROM "{}"'.format(name.replace('"', '""')))
                while some := rows.fetchmany(2000):
                    values = [value for row in some for value in row if isinstance(value, bytes)]
                    if b"\0".join(values) in self:
                        return True
        return False

    def redacted(self, content: bytes) -> tuple[bytes, int]:
        """The content with each of them blacked out, and how often."""
        count = 0
        for form in self._forms:
            if form in content:
                count += content.count(form)
                content = content.replace(form, BLACK)
        return content, count

    @cached_property
    def _forms(self) -> tuple[bytes, ...]:
        """The longest first, so that nothing of a form is left when a shorter one is blacked out."""
        found = {form for text in self._texts for form in forms(text)}
        return tuple(sorted(found, key=lambda form: (-len(form), form)))

    @cached_property
    def _pairs(self) -> npt.NDArray[np.bool_]:
        """bool (LEAST / 2, 65536): which pairs of bytes some form has at its begin, behind that, and so on."""
        known = np.zeros((LEAST // 2, 1 << 16), dtype=np.bool_)
        for form in self._forms:
            for number in range(LEAST // 2):
                known[number, form[2 * number] | form[2 * number + 1] << 8] = True
        return known

    @cached_property
    def _by_begin(self) -> dict[bytes, list[bytes]]:
        """The forms by their first bytes."""
        found: dict[bytes, list[bytes]] = {}
        for form in self._forms:
            found.setdefault(form[:LEAST], []).append(form)
        return found


def forms(secret: str) -> frozenset[bytes]:
    """All ways in which a text may be written down: as it is, and escaped for JSON, addresses, pages, shells, Python, in hex and in base64."""
    raw = secret.encode()
    quoted = {quote(secret), quote(secret, safe=""), quote_plus(secret), quote_plus(secret, safe="/")}
    texts = {
        secret,
        *quoted,
        *(_lower_escapes(text) for text in quoted),
        html.escape(secret),
        html.escape(secret, quote=False),
    }
    texts |= {shlex.quote(secret), repr(secret)[1:-1], raw.hex(), raw.hex().upper()}
    for _ in range(2):  # JSON in JSON, as a log line holds an answer
        texts |= {json.dumps(text, ensure_ascii=plain)[1:-1] for text in tuple(texts) for plain in (True, False)}
    found = {text.encode() for text in texts}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            whole = encode(b"\0" * before + raw)
            found.add(whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6])
    return frozenset(form for form in found if len(form) >= LEAST)


def _parts(text: str) -> Iterable[str]:
    if len(text) >= LEAST:
        yield text
    if "\n" in text:
        lines = (line.strip() for line in text.splitlines())
        yield from (line for line in lines if len(line) >= LEAST_LINE and not line.startswith("-----"))


def _lower_escapes(text: str) -> str:
    """%2F as %2f."""
    parts = text.split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])
