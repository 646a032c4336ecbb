"""The strategy rules: which files there may be, and what strategy code may not do. Read from the text; nothing is imported or run."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline.domain.lint.facts import StrategyFacts, read_facts
from pipeline.domain.lint.files import MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, closed_list, local_package
from pipeline.domain.lint.project import assemble
from pipeline.domain.lint.rule import LINT, Trouble, finding, page
from pipeline.domain.lint.rules import CODES, RULES
from pipeline.domain.lint.sight import applied_to_windows, see_whole_columns
from pipeline.domain.lint.source import Source, Unreadable, parse
from pipeline.domain.strategy import STRATEGY_FILE, Candidate
from pipeline.domain.verdict import Finding, Outcome, Place

__all__ = [
    "CODES",
    "LINT",
    "MAX_FILES",
    "MAX_FILE_BYTES",
    "MAX_TOTAL_BYTES",
    "RULES",
    "StrategyFacts",
    "closed_list",
    "facts",
    "is_readable",
    "lint",
    "local_package",
    "page",
]

MOST_OF_ONE_RULE = 25
"""More findings of one rule in one file are counted, not listed."""


def lint(
    candidate: Candidate, allowed_imports: frozenset[str], requirements: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """All of our own rules on one candidate, the closed list of files included.

    Args:
        candidate: the strategy; its files may be hostile.
        allowed_imports: the top-level modules that the `strategies` extra pins.
        requirements: for modules that are installed though not pinned there, the line that would pin them ("scipy" -> "scipy==1.16.2").

    Returns:
        Findings of the check "lint", by file, line and column. FAIL stops; a warning is a PASS.
    """
    found = list(closed_list(candidate.id, candidate.files))
    sources, unreadable = _sources(candidate)
    found += unreadable
    try:
        project = assemble(candidate, sources, allowed_imports, {} if requirements is None else requirements)
        project = replace(project, whole=see_whole_columns(project), windowed=applied_to_windows(project))
        for rule in RULES:
            found += (finding(rule.code, trouble) for trouble in _bounded(rule.check(project)))
        tangled = project.budget.left < 0
    except (RecursionError, MemoryError):
        tangled = True
    if tangled:
        found.append(
            Finding(
                LINT,
                "FT004",
                Outcome.FAIL,
                "The code is too tangled to be followed: split it and name values once.",
                Place(STRATEGY_FILE),
            )
        )
    return tuple(sorted(dict.fromkeys(found), key=_by_place))


def facts(candidate: Candidate) -> StrategyFacts:
    """What the strategy says of itself; what cannot be read is left out."""
    try:
        return read_facts(assemble(candidate, _sources(candidate)[0], frozenset(), {}))
    except (RecursionError, MemoryError):
        return StrategyFacts()


def is_readable(path: str, content: bytes) -> bool:
    """Whether a file is Python that the rules can look at; where it is not, `lint` says why."""
    try:
        parse(path, content)
    except Unreadable:
        return False
    return len(content) <= MAX_FILE_BYTES


def _sources(candidate: Candidate) -> tuple[tuple[Source, ...], tuple[Finding, ...]]:
    sources: list[Source] = []
    unreadable: list[Finding] = []
    for path, content in sorted(candidate.files.items()):
        if not path.endswith(".py") or len(content) > MAX_FILE_BYTES:
            continue
        try:
            sources.append(parse(path, content))
        except Unreadable as error:
            reason = f"{error.message[:1].upper()}{error.message[1:]}."
            unreadable.append(Finding(LINT, "FT004", Outcome.FAIL, reason, Place(path, error.line, error.column)))
    return tuple(sources), tuple(unreadable)


def _bounded(troubles: Iterator[Trouble]) -> Iterator[Trouble]:
    """The first findings in each file, and how many more there are."""
    seen: Counter[tuple[str, bool]] = Counter()
    for trouble in troubles:
        seen[trouble.place.file, trouble.warning] += 1
        if seen[trouble.place.file, trouble.warning] <= MOST_OF_ONE_RULE:
            yield trouble
    for (file, warning), count in seen.items():
        if count > MOST_OF_ONE_RULE:
            yield Trouble(Place(file), f"{count - MOST_OF_ONE_RULE} more of the same kind are not listed.", warning)


def _by_place(one: Finding) -> tuple[str, int, int, str]:
    place = one.place or Place("")
    return place.file, place.line, place.column, one.rule
