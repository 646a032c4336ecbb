"""What a rule is, and how it says what it found."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.domain.lint.project import Project
from pipeline.domain.lint.source import Source
from pipeline.domain.verdict import Finding, Outcome, Place

LINT = "lint"
"""The name of the check."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One place that breaks a rule; `reason` says what is wrong and what to write instead."""

    place: Place
    reason: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A code, what it is about in a few words, and the function that looks; its section in docs/rules.md bears the code."""

    code: str
    title: str
    check: Callable[[Project], Iterator[Trouble]]


def page(code: str) -> str:
    """Where a rule is explained, relative to the repository."""
    return f"docs/rules.md#{code.lower()}"


def error(source: Source, node: ast.AST, reason: str) -> Trouble:
    """A place that stops the strategy."""
    return Trouble(source.place(node), reason)


def warn(source: Source, node: ast.AST, reason: str) -> Trouble:
    """A place that is worth knowing and stops nothing."""
    return Trouble(source.place(node), reason, warning=True)


def finding(code: str, trouble: Trouble) -> Finding:
    """A rule's trouble as the judge takes it."""
    return Finding(
        LINT, code, Outcome.PASS if trouble.warning else Outcome.FAIL, trouble.reason, trouble.place, trouble.warning
    )
