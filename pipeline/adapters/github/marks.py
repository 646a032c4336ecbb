"""Hidden marks in Markdown by which the train finds again what it wrote, and who wrote it."""

import re

from pipeline.adapters.github.refusals import Forbidden
from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import User, read
from pipeline.errors import UsageError

ACTIONS = "github-actions[bot]"
"""Whose name a workflow's own token writes under. No person can have it: logins hold no brackets."""

MOST_CHARACTERS = 65_536
"""GitHub takes no longer text in a comment, an issue or a release."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._:/-]{0,150}", re.ASCII)
_CUT = "\n\n(cut: GitHub takes no longer text)"


def mark(name: str) -> str:
    """The mark of that name; raises UsageError where it could end the mark."""
    if not _NAME.fullmatch(name) or "--" in name:
        raise UsageError(f"{name!r} cannot mark a text", hint="use a-z, 0-9 and . _ : / -")
    return f"<!-- freqtrain {name} -->"


def marked(name: str, text: str) -> str:
    """The text below its mark, cut to what GitHub takes."""
    whole = f"{mark(name)}\n{text}"
    return whole if len(whole) <= MOST_CHARACTERS else whole[: MOST_CHARACTERS - len(_CUT)] + _CUT


def is_marked(name: str, text: str) -> bool:
    """Whether a text begins with that mark; GitHub may have changed the ends of its lines."""
    return text.startswith(mark(name)) and text[len(mark(name)) :].lstrip(" \r")[:1] in ("", "\n")


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for the ends of lines."""
    return one.replace("\r\n", "\n").rstrip() == other.replace("\r\n", "\n").rstrip()


def whoami(github: GitHubSession) -> str:
    """The login that the token writes under. The token of a workflow may not ask, and writes as Actions."""
    try:
        return read(User, github.get("/user"), "an account").login
    except Forbidden:
        return ACTIONS
