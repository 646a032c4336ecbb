"""The one room that starts processes."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ToolFailed

Process = subprocess.Popen[bytes]
"""A process that was started and not waited for yet."""


@dataclass(frozen=True, slots=True)
class Completed:
    """How a process ended: exit code (negative: a signal), and what it wrote, decoded as UTF-8 with replacements."""

    code: int
    out: str
    err: str


def run(
    argv: Sequence[str],
    *,
    timeout_seconds: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
) -> Completed:
    """Run a program to its end, without a shell.

    Raises:
        ToolFailed: the program is missing or did not end in time.
    """
    try:
        done = subprocess.run(
            list(argv), input=stdin, capture_output=True, timeout=timeout_seconds, cwd=cwd, env=env, check=False
        )
    except FileNotFoundError as error:
        raise ToolFailed(f"{argv[0]} is not installed", hint=f"install {argv[0]} and try again") from error
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(f"{argv[0]} did not end within {timeout_seconds:g} s") from error
    return Completed(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def start(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, pass_fds: Sequence[int] = ()) -> Process:
    """Start a program in a session of its own, with pipes for its three streams; the caller ends it."""
    return subprocess.Popen(
        list(argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=dict(env),
        start_new_session=True,
        pass_fds=tuple(pass_fds),
    )
