"""GitHub Actions' workflow commands: annotations on the line, folded groups, and a wrapping that lets no other text become a command."""

from collections.abc import Sequence

from pipeline.domain.evidence import Judgement
from pipeline.domain.verdict import Finding, Outcome
from pipeline.errors import Problem
from pipeline.render.figures import shortcomings, warnings
from pipeline.render.plain import NAME_LIMIT, no_commands, plain_text

SHOWN = 10
"""GitHub shows ten annotations of a level a step; the rest is in the report."""


def annotations(judgements: Sequence[Judgement], *, strategies_dir: str = "strategies") -> str:
    """One `::error` or `::warning` a line for everything that did not pass and for every warning, the worst strategy first.

    FAIL and ERROR are errors, INCONCLUSIVE and warnings are warnings. `strategies_dir` is the folder of the strategies relative to the
    repository, where GitHub looks for the file.
    """
    lines: dict[str, list[str]] = {"error": [], "warning": []}
    for judgement in sorted(judgements, key=lambda j: -j.verdict.outcome):
        for finding in shortcomings(judgement) + warnings(judgement):
            level = "error" if finding.outcome in (Outcome.FAIL, Outcome.ERROR) else "warning"
            lines[level].append(_annotation(level, finding, judgement.evidence.provenance.strategy, strategies_dir))
    return "".join(line + "\n" for level in lines.values() for line in level[:SHOWN])


def problem_annotations(problems: Sequence[Problem]) -> str:
    """One `::error` a line for what is wrong in files that describe, at its place; paths are relative to the repository."""
    lines = []
    for problem in problems[:SHOWN]:
        place = {"file": problem.path} | (
            {"line": str(problem.line), "col": str(max(problem.column, 1))} if problem.line else {}
        )
        told = ",".join(f"{key}={_property(value)}" for key, value in place.items())
        lines.append(f"::error {told}::{_data(problem.message)}\n")
    return "".join(lines)


def error_annotation(title: str, text: str) -> str:
    """An `::error` that belongs to no file."""
    return f"::error title={_property(title)}::{_data(text)}\n"


def group(title: str, text: str) -> str:
    """The text folded under a title in the job's log; lines of the text that look like a command are broken up."""
    return f"::group::{_data(title)}\n{no_commands(text.rstrip())}\n::endgroup::\n"


def verbatim(text: str, token: str) -> str:
    """The text with workflow commands switched off around it.

    `token` must be new, secret and unguessable (32 hexadecimal digits from `secrets`), or the text could switch them on again.

    Raises:
        ValueError: the token is short, or occurs in the text.
    """
    if len(token) < 16 or token in text:
        raise ValueError("the token that ends the wrapping must be long and must not occur in the text")
    return f"::stop-commands::{token}\n{text.rstrip()}\n::{token}::\n"


def _annotation(level: str, finding: Finding, strategy: str, strategies_dir: str) -> str:
    properties = {"title": f"{strategy}: {finding.rule}"}
    if finding.place is not None:
        folder = f"{strategies_dir.rstrip('/')}/"
        file = finding.place.file
        place = {"file": file if file.startswith(folder) else f"{folder}{strategy}/{file}"}
        if finding.place.line:
            place |= {"line": str(finding.place.line), "col": str(max(finding.place.column, 1))}
        properties = place | properties
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {told}::{_data(finding.reason)}"


def _data(text: str) -> str:
    return plain_text(text).replace("%", "%25")


def _property(text: str) -> str:
    return plain_text(text, 2 * NAME_LIMIT).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
