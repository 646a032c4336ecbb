"""A secret of the judge's on this machine, from which it draws samples that no strategy can foretell."""

import secrets
from pathlib import Path

from pipeline.adapters.files import write_whole

BYTES = 32


def judge_secret(path: Path) -> bytes:
    """The secret in a file, drawn once and then kept: equal input gives equal samples, and cached replays fit.

    A file that others could read, or that is damaged, is replaced.
    """
    try:
        if not path.stat().st_mode & 0o077 and len(kept := path.read_bytes()) == BYTES:
            return kept
    except OSError:
        pass
    drawn = secrets.token_bytes(BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, drawn, mode=0o600)
    return drawn
