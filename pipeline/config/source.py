"""Read a YAML file, remember where everything stands, and turn it into a model, or say everything that is wrong with it at once."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.config.problems import sentence, unknown_key
from pipeline.config.small_yaml import Mark, Route, parse_text
from pipeline.domain.canonical import Plain
from pipeline.errors import ConfigError, Problem

LARGEST_BYTES = 1 << 20

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Source:
    """One file's data (what JSON can hold) and the place of every value and key in it.

    `filled` maps the route of each leaf that came from a variable to the variable's name.
    """

    name: str
    data: Plain
    values: dict[Route, Mark]
    keys: dict[Route, Mark]
    filled: dict[Route, str] = field(default_factory=dict)

    def at(self, route: Route) -> Plain:
        """The value at a route, or None where the file has none."""
        value = self.data
        for step in route:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def where(self, route: Route, *, key: bool = False) -> Mark:
        """Line and column of a value (with `key`, of the key in front of it), or of the nearest ancestor that the file has."""
        while route not in self.values and route not in self.keys and route:
            route = route[:-1]
        marks = (self.keys, self.values) if key else (self.values, self.keys)
        return next((places[route] for places in marks if route in places), (1, 1))

    def problem(self, route: Route, message: str, *, key: bool = False) -> Problem:
        """A problem with the value at a route (with `key`, with its key)."""
        line, column = self.where(route, key=key)
        return Problem(self.name, line, column, f"{dotted(route)}: {message}" if route else message)


def read(path: Path) -> Source:
    """Parse a file.

    Raises:
        ConfigError: it is not there, is no UTF-8 text, is too large, or is not the small YAML; all problems at once.
    """
    name = str(path)
    try:
        if not path.is_file():
            raise ConfigError((Problem(name, 0, 0, "is not a file" if path.exists() else "there is no such file"),))
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            (Problem(name, 0, 0, f"cannot be read: {error.strerror or os.strerror(error.errno or 0)}"),)
        ) from error
    if len(content) > LARGEST_BYTES:
        raise ConfigError((Problem(name, 0, 0, f"is larger than {LARGEST_BYTES >> 20} MiB"),))
    return parse(decode(content, name), name)


def decode(content: bytes, name: str) -> str:
    """A file's bytes as text, without a byte order mark.

    Raises:
        ConfigError: they are no UTF-8; it names the first byte that is none.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        problem = Problem(
            name, before.count(b"\n") + 1, column, f"is not UTF-8 text: byte 0x{content[error.start]:02x}"
        )
        raise ConfigError((problem,), hint="save the file as UTF-8") from error


def parse(text: str, name: str) -> Source:
    """Parse a text; `name` stands for it in messages.

    Raises:
        ConfigError: it is not the small YAML; all problems at once.
    """
    if len(text) > LARGEST_BYTES:
        raise ConfigError((Problem(name, 0, 0, f"is larger than {LARGEST_BYTES >> 20} MiB"),))
    parsed = parse_text(text)
    if parsed.problems:
        raise ConfigError(tuple(Problem(name, line, column, message) for (line, column), message in parsed.problems))
    return Source(name, parsed.data, parsed.values, parsed.keys)


def load(model: type[Model], source: Source) -> Model:
    """The source's data as a model: strict, so that nothing is guessed from a value of another kind.

    Raises:
        ConfigError: all problems, in the order of the file.
    """
    loaded, problems = check(model, source)
    if loaded is None:
        raise ConfigError(problems)
    return loaded


def check(model: type[Model], source: Source) -> tuple[Model | None, tuple[Problem, ...]]:
    """As `load`, for a caller that has further problems to add: the model, or None and the problems."""
    try:
        return model.model_validate_json(json.dumps(source.data, allow_nan=False), strict=True), ()
    except ValidationError as error:
        found = {_problem(model, source, detail): None for detail in error.errors(include_url=False)}
        return None, tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def check_part(model: type[Model], source: Source, route: Route) -> Model | None:
    """A part of the source as a model, or None where it has problems, which `check` of the whole has told."""
    try:
        return model.model_validate_json(json.dumps(source.at(route), allow_nan=False), strict=True)
    except ValidationError:
        return None


def dotted(route: Route) -> str:
    """A route as people write it: `policy.thresholds[0].metric`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
    return text.removeprefix(".")


def _problem(model: type[BaseModel], source: Source, error: ErrorDetails) -> Problem:
    route = _present(source, error["loc"])
    message = sentence(error, hide=route in source.filled)
    if error["type"] == "missing":
        return source.problem((*route, error["loc"][-1]), message)
    if error["type"] == "extra_forbidden" and route:
        return source.problem(route, unknown_key(model, route) or message, key=True)
    if route in source.filled:
        message += f" (it comes from the variable {source.filled[route]})"
    return source.problem(route, message)


def _present(source: Source, location: Route) -> Route:
    """As much of pydantic's location as the file has: behind it stand names of types, or a key that is missing."""
    length = next((n for n in range(len(location), 0, -1) if location[:n] in source.values), 0)
    return location[:length]
