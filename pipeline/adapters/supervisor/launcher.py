"""The first moments of a bot's process: tied to supervisord, alone under its name, limited and clean; then it becomes the bot.

It stays the same process, so that supervisord watches the bot itself and nothing stands between them. Loaded before each bot: the standard
library only.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import NoReturn

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.supervisor import launch, locks
from pipeline.adapters.supervisor.layout import BotFiles
from pipeline.domain.last_words import BEGINS

NOT_LAUNCHED_CODE = 125
NOT_LAUNCHED = (NOT_LAUNCHED_CODE, 126, 127)
"""Also what a shell and supervisord say of a program that cannot be started."""
SUPERVISOR_PID = "FREQTRAIN_SUPERVISOR_PID"
PR_SET_PDEATHSIG = 1
LOCK_SECONDS = 2.0


def main(folder: str) -> NoReturn:
    """Become the bot whose files are in that folder, or end with 125 and a line that says why not."""
    files = BotFiles(Path(folder).absolute())
    try:
        _die_with_supervisord()
        _be_alone(files)
        what = launch.read(files.launch)
        _limit(what.spec.memory_mib)
        environment = {**what.environment, **dict([files.mark.split("=", 1)])}
        os.chdir(what.spec.home)
        _say(f"{BEGINS} (process {os.getpid()}, memory limit {what.spec.memory_mib} MiB)")
        _forget_input()
        os.execve(what.argv[0], what.argv, environment)
    except (OSError, ValueError) as error:
        _say(f"freqtrain: it could not be launched: {error}")
        sys.exit(NOT_LAUNCHED_CODE)


def _die_with_supervisord() -> None:
    """Get TERM when supervisord is gone, however it went: a bot that nobody watches finishes its loop and ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot be tied to supervisord")
    if str(os.getppid()) != os.environ.get(SUPERVISOR_PID):
        raise ValueError("supervisord is gone already")


def _be_alone(files: BotFiles) -> None:
    held = locks.take(files.lock, LOCK_SECONDS, SystemClock().sleep)
    if held is None:
        raise ValueError("an earlier process of it is still there")
    os.set_inheritable(held, True)


def _limit(memory_mib: int) -> None:
    """Bound private writable memory, and write no core files: they would hold secrets."""
    most = memory_mib * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _forget_input() -> None:
    """supervisord holds a pipe to its input; a bot reads nothing from there."""
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)


def _say(line: str) -> None:
    """Into the bot's own output."""
    os.write(1, line.encode(errors="replace") + b"\n")
