"""Text made safe to stand inside GitHub's Markdown: it formats nothing, links nothing, mentions nobody."""

import re

from pipeline.render.plain import NAME_LIMIT, TEXT_LIMIT, plain_text

BREAK = "\N{ZERO WIDTH SPACE}"


def words(text: str, limit: int = TEXT_LIMIT) -> str:
    """A sentence for a paragraph, a list or a table's cell; not for the beginning of a block.

    Formatting characters are escaped; mentions, references to issues and bare links, which GitHub finds even in escaped text, are broken
    up by a space of no width.
    """
    text = re.sub(r"([\\`*_\[\]|~$])", r"\\\1", plain_text(text, limit))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(?i)([@#]|:(?=//)|\bwww(?=\.)|\bGH(?=-)|\bmailto(?=:)|\bxmpp(?=:))", rf"\1{BREAK}", text)


def code(text: str, limit: int = NAME_LIMIT) -> str:
    """A name in a code span, in which GitHub looks for nothing; a bar becomes a broken bar, because it would end a table's cell."""
    text = plain_text(text, limit).replace("|", "¦")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"`{text or '–'}`"


def table(header: list[str], rows: list[list[str]], *, right_from: int) -> str:
    """A table; columns from `right_from` on are aligned to the right. Cells must be safe already."""
    rule = ["---" if index < right_from else "---:" for index in range(len(header))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *rows)) + "\n"


def folded(title: str, body: str) -> str:
    """Something that opens on a click."""
    return f"<details><summary>{title}</summary>\n\n{body.strip()}\n\n</details>\n"
