"""One way to write a value down, so that equal things have equal digests on every machine."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, Union

Plain: TypeAlias = Union[bool, int, float, str, list["Plain"], dict[str, "Plain"], None]  # noqa: UP007  (3.11 has no lazy `type`)
"""What JSON can hold."""

_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def plain(value: object) -> Plain:
    """Take a domain value apart into what JSON holds.

    Dataclasses become objects (fields that are None stay), enumerations their value (`Outcome` its name), times ISO 8601 in UTC, Decimals
    text, and NaN and infinity the texts "nan", "inf" and "-inf", because JSON has no such numbers.

    Raises:
        TypeError: for anything else; an unknown type must not get a digest by accident.
    """
    if type(value) in _AS_THEY_ARE:
        return value  # type: ignore[return-value]  # of exactly these types, the great most of all values
    if isinstance(value, Enum):
        return value.name if isinstance(value, int) else plain(value.value)
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float | Decimal | datetime):
        return _number_or_time(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    return _object(value)


def _number_or_time(value: float | Decimal | datetime) -> float | str:
    if isinstance(value, float):
        return value if math.isfinite(value) else ("nan" if math.isnan(value) else "inf" if value > 0 else "-inf")
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    precision = "milliseconds" if value.microsecond else "seconds"
    return value.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _object(value: object) -> Plain:
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: object) -> bytes:
    """The value as JSON with sorted keys, no spaces and UTF-8: the text that digests are made of."""
    return written(plain(value))


def written(value: Plain) -> bytes:
    """As `canonical`, of what JSON holds already."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: object) -> str:
    """`sha256:` and the 64 hexadecimal digits of the value's canonical text."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def digest_bytes(content: bytes) -> str:
    """`sha256:` and the 64 hexadecimal digits of these bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()
