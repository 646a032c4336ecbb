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
        """Whether one of them stands in the content."""
        return any(form in content for form in self._forms)

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
