"""Any facts at all, for properties."""

from dataclasses import is_dataclass
from datetime import UTC, datetime
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from pipeline.domain.train.facts import KINDS, Fact

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
TIMES = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def facts(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    """A fact of any kind; `fixed` says what the fields of these names hold."""
    return st.one_of([_built(kind, fixed) for kind in KINDS.values()])


def _built(kind: type, fixed: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.builds(
        kind, **{name: fixed.get(name, _value(hint, fixed)) for name, hint in get_type_hints(kind).items()}
    )


def _value(hint: Any, fixed: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    if get_origin(hint) is tuple:
        return st.lists(_value(get_args(hint)[0], fixed), max_size=3).map(tuple)
    if is_dataclass(hint) and isinstance(hint, type):
        return _built(hint, fixed)
    return {str: TEXTS, datetime: TIMES, float: NUMBERS}.get(hint, st.from_type(hint))
