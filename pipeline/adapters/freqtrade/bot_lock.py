"""One bot a database: a lock that is held for the life of the process, and waited for by a successor that has imported everything."""

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path

from pipeline.adapters.freqtrade.bot_ending import Ending, say
from pipeline.domain.bot_log import READY

_PAUSE_SECONDS = 0.05


def hold(path: Path, ending: Ending, name: str) -> bool:
    """Take the lock, waiting for whoever holds it; False where the end was wished for meanwhile.

    The lock goes with the process, whatever ends it. What is written into the file is for people.

    Raises:
        OSError: the file cannot be opened.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    told = False
    while not ending.asked:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            if not told:
                say(f"{READY}, which {_holder(path)} holds")
                told = True
            ending.wait(_PAUSE_SECONDS)
            continue
        if not _still_there(path, file):
            os.close(file)
            continue
        os.truncate(file, 0)
        os.write(file, json.dumps({"bot": name, "pid": os.getpid()}).encode())
        return True
    return False


def _still_there(path: Path, file: int) -> bool:
    """Whether the file that was locked is the one that the next bot would open: somebody may have deleted it meanwhile."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(file))
    return False


def _holder(path: Path) -> str:
    try:
        told = json.loads(path.read_bytes())
        return f"{told['bot']} (process {told['pid']})"
    except (OSError, ValueError, TypeError, KeyError):
        return "another bot"
