"""The one room that starts processes."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ToolFailed

Process = subprocess.Popen[bytes]
"""A process that was started and not waited for yet."""


_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
NAMES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "VIRTUAL_ENV"),
        "EMAIL",  # git takes it for who you are
        *("SSH_AUTH_SOCK", "SSH_ASKPASS", "GNUPGHOME"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"),
        *_PROXIES,
        *(name.upper() for name in _PROXIES),
    }
)
BEGINNINGS = ("LC_", "XDG_", "GIT_", "DOCKER_", "PYTHON", "PIP_", "UV_")
"""With which variables git, ssh, Docker's client and pip find files, network, engine and keys. Whatever else a job has, such as the keys of an
account and GitHub's token, is none of their business, whatever it is called: a closed list."""


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

    Args:
        env: all that it is given; where it is left out, what programs need of ours and no secret.

    Raises:
        ToolFailed: the program is missing or did not end in time.
    """
    given = for_programs() if env is None else env
    try:
        done = subprocess.run(
            list(argv), input=stdin, capture_output=True, timeout=timeout_seconds, cwd=cwd, env=given, check=False
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


def for_programs(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program is given of our own variables, and `more`."""
    own = {name: text for name, text in os.environ.items() if name in NAMES or name.startswith(BEGINNINGS)}
    return {**own, **(more or {})}
