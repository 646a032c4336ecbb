"""Answers of the engine, remembered by the identity of their job."""

import contextlib
import hashlib
from pathlib import Path

from pipeline.adapters.files import write_whole

KEPT = 300
"""Entries that stay when new ones come; the longest unused go first."""


class AnswerCache:
    """One file an answer: a line with the sha256 of the rest, then the answer.

    A damaged entry is dropped and computed anew. Whether a cache may be trusted at all is the caller's decision: whoever can write the folder can
    write answers.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, identity: str) -> bytes | None:
        """The answer to an equal job, or None."""
        path = self._path(identity)
        try:
            head, _, answer = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if head.decode(errors="replace") != self._head(identity, answer):
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):
            path.touch()
        return answer

    def put(self, identity: str, answer: bytes) -> None:
        """Remember an answer; a full disk is no reason to fail, since the answer itself is there."""
        with contextlib.suppress(OSError):
            write_whole(self._path(identity), self._head(identity, answer).encode() + b"\n" + answer, mode=0o600)
            self._forget_old()

    def _forget_old(self) -> None:
        entries = sorted(self._folder.glob("*.answer"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in entries[KEPT:]:
            path.unlink(missing_ok=True)

    def _path(self, identity: str) -> Path:
        return self._folder / f"{identity.removeprefix('sha256:')}.answer"

    @staticmethod
    def _head(identity: str, answer: bytes) -> str:
        return f"{identity} {hashlib.sha256(answer).hexdigest()}"
