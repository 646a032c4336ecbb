"""The rule that lists the comments which silence a linter."""

import re
from collections.abc import Iterator

from pipeline.domain.lint.project import Project
from pipeline.domain.lint.rule import Trouble
from pipeline.domain.lint.source import comments
from pipeline.domain.verdict import Place

_SILENCES = re.compile(r"(?i)#\s*(?:(?:flake8|ruff)\s*:\s*)?noqa\b|#\s*ruff\s*:\s*(?:ignore|disable|file-ignore)\b")


def silenced(project: Project) -> Iterator[Trouble]:
    """`noqa` and its like: it works for style, and a reviewer sees that it is there."""
    for source in project.sources:
        for line, column, text in comments(source):
            found = _SILENCES.search(text)
            if found:
                told = " ".join(text[found.start() :].split())[:80]
                yield Trouble(
                    Place(source.file, line, column + found.start()),
                    f"`{told}` silences remarks on style here, and nothing else.",
                    warning=True,
                )
