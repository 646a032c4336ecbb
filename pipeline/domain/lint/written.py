"""Moments that are written out in the text: dates, years, epochs and durations, alone or in a list, under whatever name."""

import ast
import re
from collections.abc import Iterable

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import constants
from pipeline.domain.lint.follow import MAX_BRANCHES, MAX_DEPTH, PARAMETERS, origins
from pipeline.domain.lint.paths import dotted
from pipeline.domain.lint.project import Constant, words
from pipeline.domain.lint.reading import Reading, Sort, Written
from pipeline.domain.lint.source import Source

FIRST_YEAR = 2009
"""The year of the first bitcoin: there are no candles before it, so earlier dates (1970, 2000) are points to count from."""

LAST_YEAR = 2200
FIRST_EPOCH, LAST_EPOCH = 1.23e9, 7.26e9
"""Those years in seconds since 1970."""

CONTENTS = frozenset({"items", "keys", "values", "get", "copy", "split"})
"""Methods of a collection whose answer holds the same moments."""

_YEAR = r"(?:2009|20[1-9]\d|21\d\d)"
_WHOLE_DAY = re.compile(rf"\s*{_YEAR}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?:[T\s].*)?")
_MAY_BE_DAY = re.compile(rf"(?<![\d.]){_YEAR}(?:\d\d){{0,5}}(?!\d)|(?<!\d)\d\d?([-/.])\d\d?\1\d\d(?:\d\d)?(?!\d)")
_MAKERS = frozenset(
    {
        *("datetime.datetime", "datetime.date", "pandas.Timestamp", "pandas.Period", "pandas.to_datetime"),
        *("numpy.datetime64", "pandas.date_range", "pandas.bdate_range", "pandas.period_range", "pandas.DatetimeIndex"),
        *("freqtrade.util.dt_utc", "freqtrade.util.dt_from_ts", "pandas.Interval", "pandas.Timestamp.fromisoformat"),
        *(f"datetime.{one}.{name}" for one in ("datetime", "date") for name in ("fromisoformat", "fromtimestamp")),
        *("datetime.datetime.strptime", "datetime.datetime.utcfromtimestamp", "datetime.datetime.combine"),
        *("datetime.date.fromordinal", "datetime.datetime.fromordinal", "pandas.Timestamp.fromtimestamp"),
    }
)
_BOTH_ENDS = words("start end left right")
_SPANS = words("timedelta timedelta64 Timedelta DateOffset to_timedelta")
_COLLECTIONS = words(
    "set frozenset list tuple sorted array asarray Series Index unique reversed enumerate zip min max str int float DataFrame dict"
)
_NO_YEAR = words(
    "hour minute second time timetz weekday isoweekday day_name month_name dayofweek day month quarter dayofyear microsecond"
)


def written(reading: Reading, source: Source, node: ast.expr, depth: int = 0) -> tuple[Written, ...]:
    """The moments that an expression is made of and nothing else; for a collection those of its elements (a dictionary's are its keys)."""
    key = node, depth
    if key in reading.written:
        return reading.written[key]
    if depth > MAX_DEPTH or not reading.project.budget.spend():
        return ()
    found: list[Written] = []
    for there, origin in origins(reading.project, source, node):
        found += _written(reading, there, origin, depth + 1)
        if len(found) >= MAX_BRANCHES:
            break
    reading.written[key] = tuple(found[:MAX_BRANCHES])
    return reading.written[key]


def may_be_day(text: str) -> bool:
    """Whether a text holds a year or looks like a day."""
    return _MAY_BE_DAY.search(text) is not None


def _written(reading: Reading, source: Source, node: ast.expr, depth: int) -> Iterable[Written]:
    if isinstance(node, ast.Constant | ast.JoinedStr | ast.UnaryOp):
        return _of_constants(source, node, constants(reading.project, source, node, depth))
    if isinstance(node, ast.BinOp):
        folded = constants(reading.project, source, node, depth)
        return _of_constants(source, node, folded) if folded else _sum(reading, source, node, depth)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return _all(reading, source, node.elts, depth)
    if isinstance(node, ast.Dict):
        return _all(reading, source, [key for key in node.keys if key is not None], depth)
    if isinstance(node, ast.Slice):
        return _all(reading, source, [end for end in (node.lower, node.upper) if end is not None], depth)
    if isinstance(node, ast.Starred):
        return written(reading, source, node.value, depth)
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return written(reading, source, node.elt, depth)
    if isinstance(node, ast.Name):
        return _looped(reading, source, node, depth)
    if isinstance(node, ast.Attribute) and node.attr not in _NO_YEAR:
        return _dates(written(reading, source, node.value, depth))
    return _call(reading, source, node, depth) if isinstance(node, ast.Call) else ()


def _of_constants(source: Source, node: ast.expr, values: Iterable[Constant]) -> list[Written]:
    found: list[Written] = []
    for value in values:
        if isinstance(value, str):
            if _WHOLE_DAY.fullmatch(value):
                found.append(Written(Sort.DATE, source, node))
            elif may_be_day(value):
                found.append(Written(Sort.TEXT, source, node))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found.append(Written(Sort.NUMBER, source, node, float(value)))
    return found


def _all(reading: Reading, source: Source, nodes: Iterable[ast.expr], depth: int) -> list[Written]:
    return [
        one
        for _, node in zip(range(MAX_BRANCHES), nodes, strict=False)
        for one in written(reading, source, node, depth)
    ]


def _sum(reading: Reading, source: Source, node: ast.BinOp, depth: int) -> Iterable[Written]:
    """A date and a length of time; an early date and a written length are a date."""
    left, right = written(reading, source, node.left, depth), written(reading, source, node.right, depth)
    dates = _dates((*left, *right))
    spans = [one for one in (*left, *right) if one.sort is Sort.SPAN]
    if not dates:
        return spans if left and right else []
    counted = any(span.number for span in spans)
    return [Written(Sort.DATE, source, node) if counted else one for one in dates] if spans else []


def _looped(reading: Reading, source: Source, name: ast.Name, depth: int) -> Iterable[Written]:
    """What a loop's name runs through, where the list stands elsewhere."""
    for above in source.ancestors(name):
        loops: list[ast.For | ast.comprehension] = []
        if isinstance(above, ast.For):
            loops = [above]
        elif isinstance(above, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            loops = [*above.generators]
        for loop in loops:
            if any(isinstance(part, ast.Name) and part.id == name.id for part in ast.walk(loop.target)):
                return written(reading, source, loop.iter, depth)
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
    return ()


def _call(reading: Reading, source: Source, call: ast.Call, depth: int) -> Iterable[Written]:
    name, paths = last_name(call.func), dotted(reading.project, source, call.func)
    if name in PARAMETERS:
        return _of_constants(source, call, constants(reading.project, source, call, depth))
    if not _MAKERS.isdisjoint(paths):
        return _made(reading, source, call, name, depth)
    if name in _SPANS:
        given = _all(reading, source, (*call.args, *(keyword.value for keyword in call.keywords)), depth)
        return [Written(Sort.SPAN, source, call, max((abs(one.number) for one in given), default=0.0))]
    if name in _COLLECTIONS and (paths or isinstance(call.func, ast.Name)):
        return _all(reading, source, (*call.args, *(keyword.value for keyword in call.keywords)), depth)
    if isinstance(call.func, ast.Attribute) and name not in _NO_YEAR:
        held = written(reading, source, call.func.value, depth)
        return held if name in CONTENTS else _dates(held)
    return ()


def _made(reading: Reading, source: Source, call: ast.Call, name: str, depth: int) -> list[Written]:
    """What is put together from numbers or texts that are written out; nothing where the first of them is not."""
    several = name.endswith("_range") or name == "Interval"
    given = [*call.args[: 2 if several else 1]]
    given += [
        keyword.value for keyword in call.keywords if keyword.arg in {"year", "data", "arg", "value"} | _BOTH_ENDS
    ]
    parts = [one for node in given for one in written(reading, source, node, depth)]
    told = bool(parts) or any(constants(reading.project, source, node, depth) for node in given)
    if any(one.sort in (Sort.DATE, Sort.TEXT) or is_moment(one.number) for one in parts):
        return [Written(Sort.DATE, source, call)]
    return [Written(Sort.ORIGIN, source, call)] if told else []


def is_moment(number: float) -> bool:
    """Whether a number can be a year, days since the year 1, or seconds, milli-, micro- or nanoseconds since 1970."""
    return FIRST_YEAR <= number <= LAST_YEAR or 733_000 <= number <= 800_000 or is_epoch(number)


def is_epoch(number: float) -> bool:
    """Whether a number of (milli-, micro-, nano-)seconds since 1970 lies within those years."""
    return any(FIRST_EPOCH <= number / unit <= LAST_EPOCH for unit in (1, 1e3, 1e6, 1e9))


def _dates(found: Iterable[Written]) -> list[Written]:
    return [one for one in found if one.sort in (Sort.DATE, Sort.ORIGIN)]
