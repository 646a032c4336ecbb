"""Whether a request and its answer are what GitHub describes."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator, FormatChecker

Json = Any
UNDESCRIBED = frozenset({401, 403, 404, 409, 422, 429, 500, 502, 503, 504})
"""Refusals that GitHub gives anywhere, described or not; their body is `basic-error`."""

_FORMATS = FormatChecker(formats=())
_NUMBER = re.compile(r"-?\d+")


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time(text: object) -> bool:
    return not isinstance(text, str) or ("T" in text and datetime.fromisoformat(text).tzinfo is not None)


@_FORMATS.checks("uri")
def _is_uri(text: object) -> bool:
    """GitHub's own default for an address is the empty text."""
    return not isinstance(text, str) or not text or bool(urlsplit(text).scheme and urlsplit(text).netloc)


@dataclass
class Validator:
    """Holds requests and answers to a description (`description.description`)."""

    said: Json
    _made: dict[str, Draft4Validator] = field(default_factory=dict)

    def request(
        self, method: str, path: str, values: Mapping[str, str], query: Mapping[str, str], body: bytes, kind: str
    ) -> list[str]:
        """What is wrong with a request to a path of the description, one sentence each."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"GitHub describes no {method} {path}"]
        return [
            *self._parameters(method, path, operation, "path", values),
            *self._parameters(method, path, operation, "query", query),
            *self._body(method, path, operation, body, kind),
        ]

    def answer(self, method: str, path: str, status: int, body: Json) -> list[str]:
        """What is wrong with an answer."""
        operation = self._operation(method, path)
        if operation is None:
            return []
        described = operation["answers"].get(str(status))
        if described is None:
            if status not in UNDESCRIBED:
                return [f"GitHub never answers {method} {path} with {status}"]
            described = {}
        if "application/json" not in described:
            wrong = "an answer without content has some" if body is not None and status < 400 else ""
            return [f"{method} {path} {status}: {wrong}"] if wrong else []
        at = f"answer {method} {path} {status}"
        return list(self._problems(at, described["application/json"], body))

    def _operation(self, method: str, path: str) -> Json | None:
        return self.said["paths"].get(path, {}).get(method.lower())

    def _parameters(
        self, method: str, path: str, operation: Json, where: str, given: Mapping[str, str]
    ) -> Iterator[str]:
        described = {one["name"]: one for one in operation["parameters"] if one["in"] == where}
        for name in given:
            if name not in described:
                yield f"{method} {path}: GitHub knows no {where} parameter {name}"
        for name, one in described.items():
            at = f"{method} {path} {where} {name}"
            if name in given:
                yield from self._problems(at, one["schema"], self._typed(one["schema"], given[name]))
            elif one["required"]:
                yield f"{at}: is missing"

    def _typed(self, schema: Json, text: str) -> Json:
        kind = schema.get("type")
        if kind == "integer" and _NUMBER.fullmatch(text):
            return int(text)
        if kind == "boolean" and text in ("true", "false"):
            return text == "true"
        return text

    def _body(self, method: str, path: str, operation: Json, body: bytes, kind: str) -> Iterator[str]:
        described = operation["body"]
        if not body:
            if operation["body_required"]:
                yield f"{method} {path}: a body is missing"
            return
        if not described:
            yield f"{method} {path}: GitHub expects no body"
        elif "application/json" in described:
            if kind != "application/json":
                yield f"{method} {path}: a body of JSON is sent as {kind}"
            yield from self._problems(f"{method} {path} body", described["application/json"], json.loads(body))

    def _problems(self, at: str, schema: Json, value: Json) -> Iterator[str]:
        name = json.dumps(schema, sort_keys=True)
        if name not in self._made:
            whole = (
                {**schema, "components": self.said["components"]}
                if "$ref" not in schema
                else {"allOf": [schema], "components": self.said["components"]}
            )
            self._made[name] = Draft4Validator(whole, format_checker=_FORMATS)
        for error in self._made[name].iter_errors(value):
            place = ".".join(str(part) for part in error.absolute_path) or "the whole"
            yield f"{at}: {place}: {_short(error)}"


def _short(error: Any) -> str:
    inner = [f"{'.'.join(map(str, one.absolute_path))} {one.message[:150]}" for one in (error.context or ())[:6]]
    return f"{error.message[:300]}" + (f" ({'; '.join(inner)})" if inner else "")
