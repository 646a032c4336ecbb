"""Secrets as a person or a program hands them over: one JSON object, or lines NAME=VALUE."""

import json
from collections.abc import Mapping
from typing import NoReturn

from pipeline.domain.trading.secrets import Secret


class NotReadable(ValueError):
    """The text is neither; the message says where, and shows nothing of it: what stands in the wrong place may be a secret."""


def read_secret_lines(text: str) -> Mapping[str, Secret]:
    """The values by name, each exactly as it stands there: 000123, quotes, `#` and `=` in a value are part of it.

    A text that begins with `{` is JSON, whose values are texts; only there can a value have line breaks. Otherwise every line is NAME=VALUE, where
    empty lines and those that begin with `#` say nothing.

    Raises:
        NotReadable: a line or value has another form, a name stands twice, or there is nothing.
    """
    found = _object(text) if text.lstrip().startswith("{") else _lines(text)
    if not found:
        raise NotReadable("there is nothing in it")
    return found


def _object(text: str) -> Mapping[str, Secret]:
    try:
        pairs = json.loads(text, object_pairs_hook=lambda pairs: pairs, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise NotReadable(f"it begins like JSON, and is none at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError):
        raise NotReadable("it begins like JSON, and is none that can be read") from None
    found: dict[str, Secret] = {}
    for number, (name, value) in enumerate(pairs, 1):
        if not isinstance(value, str):
            raise NotReadable(f'value {number} is no text: put it in quotes, as in {{"NAME": "000123"}}')
        _add(found, name, value, f"value {number}")
    return found


def _lines(text: str) -> Mapping[str, Secret]:
    found: dict[str, Secret] = {}
    for number, line in enumerate(text.split("\n"), 1):
        whole = line.removesuffix("\r")
        if not whole.strip() or whole.startswith("#"):
            continue
        name, equals, value = whole.partition("=")
        if not equals:
            raise NotReadable(f"line {number} is not NAME=VALUE; a value with line breaks needs JSON")
        _add(found, name, value, f"line {number}")
    return found


def _add(found: dict[str, Secret], name: str, value: str, where: str) -> None:
    try:
        (name + value).encode()
    except UnicodeEncodeError:
        raise NotReadable(f"{where} holds what is no text") from None
    if "\0" in value:
        raise NotReadable(f"{where} holds a zero character, which no variable can")
    if name in found:
        raise NotReadable(f"{where} sets a name for the second time")
    found[name] = Secret(value)


def _refuse(_: str) -> NoReturn:
    raise ValueError
