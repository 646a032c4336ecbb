"""`${NAME}` in a leaf: filled from the variables that the environment injects, the whole leaf or nothing."""

import re
from collections.abc import Mapping
from dataclasses import replace

from pipeline.config.small_yaml import Route, scalar
from pipeline.config.source import Source
from pipeline.domain.canonical import Plain
from pipeline.errors import Problem

_WHOLE = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")
_GUARDED = re.compile(r"^(GITHUB|ACTIONS|RUNNER)_|TOKEN|SECRET|PASSW|PRIVATE|CREDENTIAL|(^|_)(KEY|PAT|AUTH)($|_)")


def fill(source: Source, variables: Mapping[str, str]) -> tuple[Source, tuple[Problem, ...]]:
    """The source with every `${NAME}` replaced, and a problem for each that cannot be.

    A filled leaf is typed as if its value stood in the file: `${STAKE}` with 100 is a number, with quotes or without. An empty variable
    counts as not set; one whose name is a secret's or the workflow's own is refused, because strategies see what stands here. Leaves that
    could not be filled stay as they are. Messages name variables, never their values.
    """
    filled: dict[Route, str] = {}
    problems: list[Problem] = []
    data = _fill(source, source.data, (), variables, filled, problems)
    return replace(source, data=data, filled=filled), tuple(problems)


def _fill(
    source: Source,
    value: Plain,
    route: Route,
    variables: Mapping[str, str],
    filled: dict[Route, str],
    problems: list[Problem],
) -> Plain:
    if isinstance(value, dict):
        return {key: _fill(source, item, (*route, key), variables, filled, problems) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(source, item, (*route, index), variables, filled, problems) for index, item in enumerate(value)]
    if not isinstance(value, str) or "${" not in value:
        return value
    match = _WHOLE.fullmatch(value)
    if match is None:
        words = "a variable must be the whole value and be named in capitals: ${NAME}"
        problems.append(source.problem(route, words))
        return value
    name = match[1]
    if _GUARDED.search(name):
        problems.append(
            source.problem(route, f"{name} is no variable for an environment: strategies see what stands here")
        )
        return value
    given = variables.get(name, "").strip()
    if not given:
        problems.append(source.problem(route, f"the variable {name} is not set"))
        return value
    filled[route] = name
    try:
        return scalar(given)
    except ValueError:
        problems.append(source.problem(route, f"the variable {name} holds a number that has no finite value"))
        return value
