"""Facts as the plain bodies of ledger entries, and back: strict, because a misread entry would move money."""

import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from pipeline.domain.canonical import Plain, plain

T = TypeVar("T")

Reads: TypeAlias = Callable[[object, str], object]
"""Makes a plain value, of the key that it is given with, into what a field holds; raises ValueError where it is none."""


def write(fact: object) -> dict[str, Plain]:
    """A frozen dataclass as a plain body.

    Raises:
        ValueError: it could not be read back; such an entry would make a whole ledger unreadable, so it is not written.
    """
    body = plain(fact)
    assert isinstance(body, dict)
    read(type(fact), body)
    return body


def read(kind: type[T], body: object, where: str = "") -> T:
    """A dataclass from a plain body.

    A field without a default must be there, and a text without one may not be empty; a key that the class does not know is an error, because a
    newer version may mean something by it.

    Raises:
        ValueError: all that is wrong, each with its key, joined by semicolons.
    """
    if type(body) is not dict and not isinstance(body, Mapping):
        raise ValueError(f"{where.removesuffix('.') or 'the body'} is not an object")
    fields, values = _fields(kind), {}  # type: ignore[arg-type]  # a class is hashable, whatever mypy says
    problems = [f"{where}{key} is not known" for key in body if key not in fields]
    for name, (reads, needed) in fields.items():
        if name not in body:
            problems += [f"{where}{name} is missing"] if needed else []
            continue
        try:
            values[name] = reads(body[name], f"{where}{name}")
            if needed and values[name] == "":
                problems.append(f"{where}{name} is empty")
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("; ".join(problems))
    return kind(**values)


@cache
def _fields(kind: type) -> Mapping[str, tuple[Reads, bool]]:
    """Name -> what reads it, and whether a value is needed, of each field of a dataclass."""
    hints = get_type_hints(kind)
    return {
        field.name: (
            _reads(hints[field.name]),
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(kind)
    }


def _reads(hint: object) -> Reads:
    """What reads values of a type. It is made once: a year's ledger has a million of them."""
    if get_origin(hint) is tuple:
        return _list_of(_reads(get_args(hint)[0]))
    if get_origin(hint) is types.UnionType:
        (inner,) = (_reads(part) for part in get_args(hint) if part is not types.NoneType)
        return lambda value, name: None if value is None else inner(value, name)
    assert isinstance(hint, type), hint
    if dataclasses.is_dataclass(hint):
        return lambda value, name: read(hint, value, f"{name}.")
    if hint in (bool, int, str):
        return _exactly(hint)
    return _float if hint is float else _texts_of(hint)


def _list_of(inner: Reads) -> Reads:
    def reads(value: object, name: str) -> object:
        if not isinstance(value, list):
            raise ValueError(f"{name} is not a list")
        return tuple(inner(item, f"{name}[{place}]") for place, item in enumerate(value))

    return reads


def _exactly(hint: type) -> Reads:
    def reads(value: object, name: str) -> object:
        if type(value) is not hint:
            raise ValueError(f"{name} is not {_WORDS[hint]}: {value!r}")
        return value

    return reads


def _float(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} is not a finite number: {value!r}")
    return float(value)


def _texts_of(hint: type) -> Reads:
    def reads(value: object, name: str) -> object:
        if not isinstance(value, str):
            raise ValueError(f"{name} is not a text: {value!r}")
        return _from_text(hint, value, name)

    return reads


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
