"""The word without which the monitor shows nothing to whoever is not on this device."""

import base64
import binascii
import hashlib
import hmac
import stat
from pathlib import Path

from pipeline.adapters.bounded import read_bounded
from pipeline.errors import Refused

SHORTEST = 24
"""Characters: nobody guesses as many that were drawn by lot."""

LARGEST_BYTES = 4096
HINT = "make one with `(umask 077; openssl rand -hex 24 > FILE)`"


class Token:
    """A token that was read once; only its digest is kept."""

    def __init__(self, text: str) -> None:
        self._digest = hashlib.sha256(text.encode()).digest()

    def fits(self, authorization: str) -> bool:
        """Whether an `Authorization` header carries it: as a bearer, or as the password of whatever user a browser asks for."""
        kind, _, given = authorization.partition(" ")
        if kind.lower() == "basic":
            try:
                _, _, given = base64.b64decode(given.strip(), validate=True).decode().partition(":")
            except (binascii.Error, ValueError):
                return False
        elif kind.lower() != "bearer":
            return False
        return hmac.compare_digest(hashlib.sha256(given.strip().encode(errors="replace")).digest(), self._digest)


def read_token(path: Path) -> Token:
    """The token in a file that nobody else may read.

    Raises:
        Refused: the file is not there, others may read it, or what it holds is too short to be one.
    """
    try:
        mode = path.stat().st_mode
        text = read_bounded(path, LARGEST_BYTES).decode("ascii").strip()
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is no plain file of printable characters"
        raise Refused(f"the token in {path} cannot be read: {told}", hint=HINT) from error
    if stat.S_IMODE(mode) & 0o077:
        raise Refused(f"others may read the token in {path}", hint=f"chmod 600 {path}")
    if len(text) < SHORTEST or not text.isprintable() or " " in text:
        raise Refused(f"the token in {path} is no word of at least {SHORTEST} characters", hint=HINT)
    return Token(text)
