"""GitHub's description, cut down to the paths that the double answers and kept so, with its schemas as JSON Schema."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from tests.github_double.npm_package import cache_folder, fetched

Json = Any
FORM = "4"
"""Part of a cut's name: counted up when it is made otherwise."""

_METHODS = ("get", "put", "post", "patch", "delete")
_SUBSCHEMAS = ("items", "additionalProperties", "not")
_LISTS = ("allOf", "anyOf", "oneOf")
_KEPT = frozenset(
    [
        "type",
        "format",
        "enum",
        "required",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
    ]
)


def description(paths: Iterable[str]) -> Json | None:
    """The operations of these paths and the components that they name; None where the description cannot be had.

    Raises:
        AssertionError: GitHub describes no such path.
    """
    wanted = sorted(set(paths))
    named = hashlib.sha256("\n".join([FORM, *wanted]).encode()).hexdigest()[:16]
    kept = cache_folder() / f"cut-{named}.json"
    if kept.is_file():
        return json.loads(kept.read_text(encoding="utf-8"))
    whole = fetched()
    if whole is None:
        return None
    cut = _cut(json.loads(whole.read_text(encoding="utf-8")), wanted)
    aside = kept.with_suffix(f".{os.getpid()}")
    aside.write_text(json.dumps(cut), encoding="utf-8")
    aside.replace(kept)
    return cut


def _cut(whole: Json, wanted: list[str]) -> Json:
    unknown = [path for path in wanted if path not in whole["paths"]]
    assert not unknown, f"GitHub describes no {', '.join(unknown)}"
    paths = {
        path: {method: _operation(whole, said) for method, said in whole["paths"][path].items() if method in _METHODS}
        for path in wanted
    }
    schemas: dict[str, Json] = {}
    todo = [name for path in paths.values() for name in _names(path)]
    while todo:
        name = todo.pop()
        if name not in schemas:
            schemas[name] = json_schema(whole["components"]["schemas"][name])
            todo += _names(schemas[name])
    return {"paths": paths, "components": {"schemas": schemas}}


def _operation(whole: Json, said: Json) -> Json:
    parameters = [_resolved(whole, one) for one in said.get("parameters", [])]
    body = _resolved(whole, said.get("requestBody", {}))
    answers = {status: _resolved(whole, one) for status, one in said["responses"].items()}
    return {
        "parameters": [
            {
                "name": one["name"],
                "in": one["in"],
                "required": one.get("required", False),
                "schema": json_schema(one["schema"]),
            }
            for one in parameters
        ],
        "body": {kind: json_schema(one["schema"], strict=True) for kind, one in body.get("content", {}).items()},
        "body_required": body.get("required", False),
        "answers": {
            status: {kind: json_schema(one.get("schema", {})) for kind, one in answer.get("content", {}).items()}
            for status, answer in answers.items()
        },
    }


def _resolved(whole: Json, said: Json) -> Json:
    while "$ref" in said:
        _, _, kind, name = said["$ref"].split("/", 3)
        said = whole["components"][kind][name]
    return said


def _names(said: Json) -> Iterator[str]:
    if isinstance(said, dict):
        if isinstance(said.get("$ref"), str):
            yield said["$ref"].rsplit("/", 1)[1]
        for one in said.values():
            yield from _names(one)
    elif isinstance(said, list):
        for one in said:
            yield from _names(one)


def json_schema(said: Json, *, strict: bool = False) -> Json:
    """A schema of OpenAPI 3.0 as one of JSON Schema.

    `oneOf` becomes `anyOf`: several of GitHub's own alternatives fit the same thing. `strict` forbids fields that GitHub does not describe: it
    ignores them without a word, and a misspelt one would never be noticed.
    """
    if "$ref" in said:
        return {"$ref": said["$ref"]}
    made = {name: value for name, value in said.items() if name in _KEPT}
    if "properties" in said:
        made["properties"] = {name: json_schema(one, strict=strict) for name, one in said["properties"].items()}
    for name in _SUBSCHEMAS:
        if isinstance(said.get(name), dict):
            made[name] = json_schema(said[name], strict=strict)
        elif name in said:
            made[name] = said[name]
    branches = {name: [json_schema(one, strict=False) for one in said[name]] for name in _LISTS if name in said}
    if "allOf" in branches:
        made["allOf"] = branches["allOf"]
    alternatives = [branches[name] for name in ("anyOf", "oneOf") if name in branches]
    if alternatives:
        made.setdefault("allOf", []).extend({"anyOf": one} for one in alternatives)
    elif strict and "properties" in said and "additionalProperties" not in said:
        made["additionalProperties"] = False
    return {"anyOf": [{"type": "null"}, made]} if said.get("nullable") else made
