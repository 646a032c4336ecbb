"""Text that a strategy made (names, tags, messages) before anybody sees it: without control characters, and bounded."""

import re
from functools import lru_cache

NAME_LIMIT = 80
"""Characters of a name, a tag or a rule's code."""

TEXT_LIMIT = 600
"""Characters of a sentence."""


@lru_cache(maxsize=1024)  # tags and reasons to leave are few, and trades are many
def plain_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """The text on one line, at most `limit` characters.

    White space of every kind becomes a single space. What cannot be printed (terminal escapes and other C0 and C1 controls, characters that
    reverse or hide text, lone surrogates) becomes U+FFFD, so that it shows without working.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text[: 4 * limit])
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def no_commands(text: str) -> str:
    """The text with everything broken up that GitHub Actions would take for a workflow command in a printed line.

    A line that starts with `::` is a command, and so is `##[` anywhere in a line.
    """
    return re.sub(r"(^|[\r\n])(\s*):(?=:)", r"\1\2: ", text).replace("##[", "## [")
