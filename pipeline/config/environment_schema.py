"""What environments/<name>.yml may hold, for editors (JSON Schema) and for people (one row a key)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from pipeline.config.environment_file import EnvironmentFile
from pipeline.config.fields import Strict
from pipeline.config.money import DAILY, DAY, WEEKLY
from pipeline.config.trading import TRADING_MODES
from pipeline.config.trading_fields import ENVIRONMENT_PATTERN, NAME_PATTERN, PAIR_PATTERN
from pipeline.config.trading_file import (
    OwnKeysEntry,
    SecretNamesEntry,
    TradingEnvironmentFile,
    VariableNamesEntry,
)
from pipeline.domain.canonical import Plain

_VARIABLE: dict[str, Plain] = {"type": "string", "pattern": r"^\$\{[A-Z_][A-Z0-9_]*\}$"}
_NAMES = (SecretNamesEntry.__name__, VariableNamesEntry.__name__, OwnKeysEntry.__name__)
_Object = dict[str, Plain]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key: `policy.thresholds[].metric`, what it takes, its default ("required" without one) and what it means."""

    key: str
    takes: str
    default: str
    meaning: str


def json_schema() -> dict[str, Plain]:
    """A JSON Schema (2020-12) of the file: its mode says which keys it has. Single values may also be a variable, `${NAME}`.

    No variables are whether money is real and the names of variables and secrets.
    """
    parts: _Object = {}
    for model in (EnvironmentFile, TradingEnvironmentFile):
        schema = cast(_Object, model.model_json_schema(by_alias=True))
        parts |= cast(_Object, schema.pop("$defs")) | {model.__name__: schema}
    for part_name, part in parts.items():
        properties = cast(_Object, cast(_Object, part)["properties"])
        for name, value in properties.items():
            if part_name not in _NAMES and (part_name, name) != (TradingEnvironmentFile.__name__, "mode"):
                properties[name] = _or_variable(cast(_Object, value))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "environments/<name>.yml",
        "if": {"required": ["mode"], "properties": {"mode": {"enum": list(TRADING_MODES)}}},
        "then": {"$ref": f"#/$defs/{TradingEnvironmentFile.__name__}"},
        "else": {"$ref": f"#/$defs/{EnvironmentFile.__name__}"},
        "$defs": parts,
    }


def key_rows() -> tuple[KeyRow, ...]:
    """Every key of an environment that judges on history, in the order of the file."""
    return _all_rows(EnvironmentFile)


def trading_key_rows() -> tuple[KeyRow, ...]:
    """Every key of an environment in which bots run, in the order of the file."""
    return _all_rows(TradingEnvironmentFile)


def _all_rows(model: type[Strict]) -> tuple[KeyRow, ...]:
    schema = cast(_Object, model.model_json_schema(by_alias=True))
    return tuple(_rows(schema, cast(_Object, schema["$defs"]), ""))


def _or_variable(schema: _Object) -> _Object:
    if "$ref" in schema or schema.get("type") in ("object", "array"):
        return schema
    about: _Object = {key: schema[key] for key in ("title", "description", "default") if key in schema}
    form: _Object = {key: value for key, value in schema.items() if key not in about}
    return {**about, "anyOf": [*(cast(list[Plain], form["anyOf"]) if set(form) == {"anyOf"} else [form]), _VARIABLE]}


def _rows(schema: _Object, parts: _Object, prefix: str) -> Iterator[KeyRow]:
    required = cast(list[Plain], schema.get("required", []))
    for name, value in cast(_Object, schema["properties"]).items():
        field = cast(_Object, value)
        key = f"{prefix}{name}"
        inner, many = _inner(field, parts)
        meaning = str(field.get("description", ""))
        if inner is not None:
            yield KeyRow(
                f"{key}[]" if many else key,
                "list of objects" if many else "object",
                _default(name, field, required),
                meaning,
            )
            yield from _rows(inner, parts, f"{key}[]." if many else f"{key}.")
        else:
            yield KeyRow(key, _takes(field), _default(name, field, required), meaning)


def _inner(field: _Object, parts: _Object) -> tuple[_Object | None, bool]:
    """The object that a field holds, once, once or never, or in a list."""
    many = field.get("type") == "array"
    forms = [form for form in cast(list[_Object], field.get("anyOf", [])) if form.get("type") != "null"]
    holder = cast(_Object, field["items"]) if many else forms[0] if len(forms) == 1 else field
    reference = holder.get("$ref")
    return (cast(_Object, parts[str(reference).rsplit("/", 1)[-1]]), many) if reference else (None, many)


def _default(name: str, field: _Object, required: list[Plain]) -> str:
    if name in required:
        return "required"
    default = field.get("default")
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default in (None, "", []) else str(default)


def _takes(field: _Object) -> str:
    if "anyOf" in field:
        forms = [_takes(cast(_Object, form)) for form in cast(list[Plain], field["anyOf"])]
        return ", ".join(dict.fromkeys(form for form in forms if form))
    if "enum" in field:
        names = [str(value) for value in cast(list[Plain], field["enum"])]
        return " or ".join(names) if len(names) <= 4 else "name"
    if "const" in field:
        return str(field["const"])
    if field.get("type") == "array":
        return f"list of {_takes(cast(_Object, field['items']))}"
    if "pattern" in field:
        return _FORMS.get(str(field["pattern"]), "text")
    return _TYPES.get(str(field.get("type")), "text")


_TYPES = {"number": "number", "integer": "whole number", "object": "object", "null": "", "boolean": "true or false"}
_FORMS = {
    "^[1-9][0-9]* of [1-9][0-9]*$": "k of n",
    r"^[-+]?[0-9]+(\.[0-9]+)? ?%$": "percentage",
    r"^[0-9]+(\.[0-9]+)? ?%$": "percentage",
    "^-[1-9][0-9]*[hdw]$": "distance (-90d)",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2})?$": "date",
    "^sha256:[0-9a-f]{64}$": "digest",
    NAME_PATTERN: "NAME",
    ENVIRONMENT_PATTERN: "environment",
    PAIR_PATTERN: "pair",
    WEEKLY: "time of the week",
    DAILY: "time of day",
    DAY: "date",
}
"""How people call the forms of text."""
