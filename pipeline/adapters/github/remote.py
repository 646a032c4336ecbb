"""Which repository on GitHub a clone belongs to, and the token to talk to it with."""

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.adapters import process
from pipeline.adapters.bounded import read_bounded
from pipeline.errors import Refused, UsageError

TIMEOUT_SECONDS = 60.0
_MOST_TOKEN_BYTES = 4096
_ADDRESS = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/]*@)?([^/:]+)(?::\d+)?/|(?:[^@/:]+@)?([^/:]+):/?)([^/]+)/([^/]+?)(?:\.git)?/?"
)


def origin_repository(start: Path, host: str = "github.com") -> str:
    """`owner/name` of a clone's remote `origin`.

    Raises:
        UsageError: there is none, or it is at another host. The address is not shown, because some hold a token.
    """
    done = process.run(["git", "-C", str(start), "remote", "get-url", "origin"], timeout_seconds=TIMEOUT_SECONDS)
    found = repository_of(done.out.strip(), host) if done.code == 0 else None
    if found is None:
        what = f"is no repository at {host}" if done.code == 0 else "is not there"
        raise UsageError(f"the remote `origin` of this clone {what}", hint="give --repository OWNER/NAME")
    return found


def repository_of(address: str, host: str) -> str | None:
    """`owner/name` of an address as git writes it, None where it is none of this host's."""
    match = _ADDRESS.fullmatch(address)
    there = (match[1] or match[2]).lower() if match else ""
    return f"{match[3]}/{match[4]}" if match and there in (host, f"ssh.{host}", f"www.{host}") else None


def found_token(file: Path | None, process_variables: Mapping[str, str]) -> str:
    """The token from a file, or from GITHUB_TOKEN or GH_TOKEN.

    Raises:
        Refused: there is none.
    """
    if file is not None:
        try:
            token = read_bounded(file, _MOST_TOKEN_BYTES).decode("utf-8", errors="replace").strip()
        except ValueError as error:
            raise Refused(
                f"{file} {error}", hint="--token-file names a file that holds the token and nothing else"
            ) from error
        if not token:
            raise Refused(f"{file} is empty", hint="it must hold the token and nothing else")
        return token
    token = next((process_variables[name] for name in ("GITHUB_TOKEN", "GH_TOKEN") if process_variables.get(name)), "")
    if not token.strip():
        raise Refused(
            "there is no token for GitHub",
            hint="set GITHUB_TOKEN or GH_TOKEN, or give --token-file; never as an argument",
        )
    return token.strip()
