"""What keeps a strategy in when no sandbox is around the process: limits of the operating system, and a guard inside the interpreter.

The guard stops mistakes and honest strategies that reach out; it is no wall against malice, and evidence says so by its name.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

from pipeline.domain.job import Limits

NETWORK_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
    }
)
PROCESS_EVENTS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"})


PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
"""prctl(2): the signal that the kernel sends when the parent ends; whether others may trace or read this process; no rights by exec."""

MOST_PROCESSES = "FREQTRAIN_MOST_PROCESSES"
"""The variable in which a sandbox says how many processes and threads there may be; outside it would count all of the user's."""

MOST_FILES = 1024


def die_with_parent(parent: int) -> None:
    """End this process when its parent ends, even by `kill -9`; on Linux only, elsewhere the job's deadline has to do.

    Args:
        parent: the parent's process id, to notice that it has gone already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(1)


def enclose(limits: Limits) -> None:
    """For the whole child and everything that it forks: no network, no other programs, no core dumps, no giant files.

    No process of them can read or trace another: a task must not write into the worker, nor into the task beside it.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    sys.addaudithook(_refuse)
    most = os.environ.pop(MOST_PROCESSES, "")
    if most:
        _limit(resource.RLIMIT_NPROC, int(most))
    _limit(resource.RLIMIT_NOFILE, MOST_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, max(limits.answer_mib, 256) * 2**20)


def limit(limits: Limits) -> None:
    """For one task: memory and processor time."""
    _limit(resource.RLIMIT_AS, limits.memory_mib * 2**20)
    _limit(resource.RLIMIT_CPU, int(limits.seconds) + 1)


def keep_only(descriptor: int) -> None:
    """For one task: forget every file that was open when it was forked but the three streams and the pipe for its own answer."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, MOST_FILES)


def _limit(kind: int, value: int) -> None:
    # macOS knows the limits but not all of them can be set there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, value))


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in NETWORK_EVENTS:
        raise PermissionError("a strategy has no network while it is judged")
    if event in PROCESS_EVENTS:
        raise PermissionError("a strategy starts no programs while it is judged")
