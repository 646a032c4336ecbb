"""Facts as the plain bodies of ledger entries, and back: strict, because a misread entry would move money."""

import dataclasses
import math
import types
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pipeline.domain.canonical import Plain, plain

T = TypeVar("T")


def write(fact: object) -> dict[str, Plain]:
    """A frozen dataclass as a plain body."""
    body = plain(fact)
    assert isinstance(body, dict)
    return body


def read(kind: type[T], body: object, where: str = "") -> T:
    """A dataclass from a plain body.

    A field without a default must be there, and a text without one may not be empty; a key that the class does not know is an error, because a
    newer version may mean something by it.

    Raises:
        ValueError: all that is wrong, each with its key, joined by semicolons.
    """
    if not isinstance(body, Mapping):
        raise ValueError(f"{where.removesuffix('.') or 'the body'} is not an object")
    hints, values, problems = _hints(kind), {}, []  # type: ignore[arg-type]
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    problems += [f"{where}{key} is not known" for key in body if key not in fields]
    for name, field in fields.items():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if name not in body:
            problems += [f"{where}{name} is missing"] if needed else []
            continue
        try:
            values[name] = _value(hints[name], body[name], f"{where}{name}")
            if needed and values[name] == "":
                problems.append(f"{where}{name} is empty")
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("; ".join(problems))
    return kind(**values)


def _value(hint: object, value: object, name: str) -> object:
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{name} is not a list")
        return tuple(_value(get_args(hint)[0], item, f"{name}[{place}]") for place, item in enumerate(value))
    if get_origin(hint) is types.UnionType:
        (inner,) = (part for part in get_args(hint) if part is not types.NoneType)
        return None if value is None else _value(inner, value, name)
    assert isinstance(hint, type), hint
    if dataclasses.is_dataclass(hint):
        return read(hint, value, f"{name}.")
    return _single(hint, value, name)


def _single(hint: type, value: object, name: str) -> object:
    if hint in (bool, int, str):
        if type(value) is not hint:
            raise ValueError(f"{name} is not {_WORDS[hint]}: {value!r}")
        return value
    if hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{name} is not a finite number: {value!r}")
        return float(value)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text: {value!r}")
    return _from_text(hint, value, name)


def _from_text(hint: type, text: str, name: str) -> object:
    try:
        if issubclass(hint, StrEnum):
            return hint(text)
        if hint is Decimal:
            return _finite(Decimal(text))
        if hint is datetime:
            return _aware(datetime.fromisoformat(text))
    except (ValueError, InvalidOperation):
        raise ValueError(f"{name} is not {_WORDS.get(hint, 'one of ' + _choices(hint))}: {text!r}") from None
    raise TypeError(f"{hint} has no plain form")


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError
    return number


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)


def _choices(hint: type) -> str:
    return ", ".join(str(item.value) for item in hint) if issubclass(hint, StrEnum) else hint.__name__


_WORDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    str: "a text",
    Decimal: "a finite decimal",
    datetime: "a time with its zone",
}


@cache
def _hints(kind: object) -> dict[str, Any]:
    """A ledger is read every few seconds, and working out a class's types takes longer than reading an entry."""
    return get_type_hints(kind)
