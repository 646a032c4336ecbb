"""What pydantic found wrong, said in a trader's words."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pipeline.domain.canonical import Plain

OWN = "own_words"
"""The type of errors whose message our validators wrote as a sentence."""

HIDDEN = object()


def sentence(error: ErrorDetails, *, hide: bool = False) -> str:
    """One error as a sentence that follows `key: `; `hide` leaves out the value, which may be a variable's."""
    words = WORDS.get(error["type"])
    if words is None:
        return error["msg"][:1].lower() + error["msg"][1:]
    return words(error.get("ctx", {}), HIDDEN if hide else error["input"])


def did_you_mean(word: str, known: tuple[str, ...]) -> str:
    """ ", did you mean 'x'?" where something known is close, otherwise what is known, or nothing where there is too much of it."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f", did you mean '{close[0]}'?"
    return f"; known are {', '.join(known)}" if 0 < len(known) <= 12 else ""


def unknown_key(model: type[BaseModel], route: tuple[str | int, ...]) -> str:
    """What to say about a key that the model does not know: why it is refused on purpose, or what may have been meant."""
    inner = _model_at(model, route[:-1])
    if inner is None:
        return ""
    refused = getattr(inner, "refused_keys", {}).get(route[-1])
    if refused is not None:
        return str(refused)
    known = tuple(field.alias or name for name, field in inner.model_fields.items())
    return "is not a known key" + did_you_mean(str(route[-1]), known)


def _model_at(model: type[BaseModel], route: tuple[str | int, ...]) -> type[BaseModel] | None:
    found: Any = model
    for step in route:
        if isinstance(step, str) and (inner := _as_model(found)) is not None:
            found = next((f.annotation for n, f in inner.model_fields.items() if (f.alias or n) == step), None)
        else:
            found = _item(found)
    return _as_model(found)


def shown(value: Plain) -> str:
    """A value as a person would say it, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text '{value[:40]}{'…' if len(value) > 40 else ''}'"
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else str(value)


def _quote(value: object) -> str:
    return "; put it in quotes if text is meant" if isinstance(value, bool | int | float) else ""


def _not(value: object) -> str:
    if value is HIDDEN:
        return ""
    return ", but is empty" if value is None else f", not {shown(cast(Plain, value))}"


def _as_model(annotation: Any) -> type[BaseModel] | None:
    candidates = (annotation, *getattr(annotation, "__args__", ()))
    if getattr(annotation, "__origin__", None) in (tuple, list, dict):
        return None
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)


def _item(annotation: Any) -> Any:
    """What a list, tuple or dictionary holds, also behind an `| None`."""
    for candidate in (annotation, *getattr(annotation, "__args__", ())):
        if getattr(candidate, "__origin__", None) in (tuple, list):
            return candidate.__args__[0]
        if getattr(candidate, "__origin__", None) is dict:
            return candidate.__args__[1]
    return None


_Words = Callable[[Mapping[str, Any], object], str]

WORDS: dict[str, _Words] = {
    OWN: lambda ctx, value: f"{ctx['words']}{_not(value) if ctx['show'] else ''}{ctx['then']}",
    "missing": lambda _, __: "is missing",
    "extra_forbidden": lambda _, __: "is not a known key",
    "string_type": lambda _, value: f"must be text{_not(value)}{_quote(value)}",
    "int_type": lambda _, value: f"must be a whole number{_not(value)}",
    "float_type": lambda _, value: f"must be a number{_not(value)}",
    "bool_type": lambda _, value: f"must be true or false{_not(value)}",
    "list_type": lambda _, value: f"must be a list{_not(value)}",
    "tuple_type": lambda _, value: f"must be a list{_not(value)}",
    "dict_type": lambda _, value: f"must be an object with keys{_not(value)}",
    "model_type": lambda _, value: f"must be an object with keys{_not(value)}",
    "literal_error": lambda ctx, value: f"must be {ctx['expected']}{_not(value)}",
    "greater_than": lambda ctx, value: f"must be above {ctx['gt']:g}{_not(value)}",
    "greater_than_equal": lambda ctx, value: f"must be at least {ctx['ge']:g}{_not(value)}",
    "less_than": lambda ctx, value: f"must be below {ctx['lt']:g}{_not(value)}",
    "less_than_equal": lambda ctx, value: f"must be at most {ctx['le']:g}{_not(value)}",
    "too_short": lambda _, __: "must not be empty",
    "too_long": lambda ctx, _: f"must have at most {ctx['max_length']} entries",
    "string_pattern_mismatch": lambda _, value: f"has not the form that is needed here{_not(value)}",
    "datetime_type": lambda _, value: f"must be a time such as 2025-01-01T00:00:00Z{_not(value)}",
    "datetime_parsing": lambda _, value: f"must be a time such as 2025-01-01T00:00:00Z{_not(value)}",
    "timezone_aware": lambda _, value: f"needs a time zone, such as the Z in 2025-01-01T00:00:00Z{_not(value)}",
    "string_too_short": lambda _, __: "must not be empty",
    "string_too_long": lambda ctx, _: f"must have at most {ctx['max_length']} characters",
}
"""pydantic's error type -> the end of the sentence, from its context and the value (HIDDEN where it must not be shown)."""
