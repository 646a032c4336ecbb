"""What an expression tells of the time of candles: the moment itself, year included, or how far it is from a date.

Only what the text shows is claimed. Hours, weekdays, days of the month, months and differences between two moments are no moments.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import constants, numbers, texts
from pipeline.domain.lint.follow import MAX_BRANCHES, MAX_DEPTH, origins
from pipeline.domain.lint.paths import own_function
from pipeline.domain.lint.project import Project, Where, words
from pipeline.domain.lint.reading import Reading, Sort, Time
from pipeline.domain.lint.source import Source
from pipeline.domain.lint.written import FIRST_YEAR, is_moment, written

_NAMES = words("current_time current_date current_datetime open_date open_date_utc close_date")
_ATTRIBUTES = words(
    "date year open_date open_date_utc close_date close_date_utc date_last_filled_utc open_timestamp close_timestamp tm_year "
    "order_date order_date_utc order_filled_date order_filled_utc order_timestamp order_filled_timestamp"
)
_KEYS = frozenset({"date", "open_date", "close_date", "current_time"})
_THROUGH = words("dt values value array iloc loc iat at str T days seconds")
_METHODS = words(
    "date astype tz_localize tz_convert floor ceil round normalize isoformat timestamp toordinal to_pydatetime to_numpy to_datetime64 "
    "to_period to_timestamp shift ffill view timetuple utctimetuple ctime isocalendar copy item tolist to_list format astimezone slice "
    "split get squeeze to_series total_seconds head abs strip unique to_julian_date"
)
_FUNCTIONS = words(
    "str int float round abs list tuple set array asarray Series Index DatetimeIndex Timestamp to_datetime datetime64 dt_ts dt_from_ts "
    "fromtimestamp utcfromtimestamp to_numeric"
)
_APPLIES = frozenset({"map", "apply", "transform"})
LONG_YEARS = 12
"""A cycle of so many years comes round once in the life of a market, which makes it a date."""

FIRST_CENTURY = 1900
"""Smaller numbers that are taken from a time are no years."""

_WITH_YEAR = ("%Y", "%y", "%G", "%D", "%x", "%c", "%s", "%F", "%+")


def read(project: Project) -> Reading:
    """Look up which columns the code makes."""
    columns: dict[str, list[Where]] = defaultdict(list)
    for source in project.code:
        for statement in source.all(ast.Assign):
            for target in statement.targets:
                for name in _column(project, source, target):
                    columns[name].append((source, statement.value))
        for call in source.all(ast.Call):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "assign":
                for keyword in call.keywords:
                    columns[keyword.arg or ""].append((source, keyword.value))
    return Reading(project, columns)


def time_of(reading: Reading, source: Source, node: ast.expr, depth: int = 0) -> Time | None:
    """What an expression tells of the time, or None."""
    key = node, depth
    if key in reading.times:
        return reading.times[key]
    if depth > MAX_DEPTH or not reading.project.budget.spend():
        return None
    asked = ((there, origin) for there, origin in origins(reading.project, source, node))
    reading.times[key] = _first(_time(reading, there, origin, depth + 1) for there, origin in asked)
    return reading.times[key]


def _time(reading: Reading, source: Source, node: ast.expr, depth: int) -> Time | None:
    if isinstance(node, ast.Name):
        return Time.MOMENT if node.id in _NAMES else _looped(reading, source, node, depth)
    if isinstance(node, ast.Attribute):
        return _attribute(reading, source, node, depth)
    if isinstance(node, ast.Subscript):
        return _subscript(reading, source, node, depth)
    if isinstance(node, ast.Call):
        return _call(reading, source, node, depth)
    if isinstance(node, ast.BinOp):
        return _sum(reading, source, node, depth)
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return time_of(reading, source, node.operand, depth)
    if isinstance(node, ast.Tuple | ast.List):
        return _first(time_of(reading, source, element, depth) for element in node.elts[:MAX_BRANCHES])
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
        return time_of(reading, source, node.elt, depth)
    return _text(reading, source, node, depth) if isinstance(node, ast.JoinedStr) else None


def _attribute(reading: Reading, source: Source, node: ast.Attribute, depth: int) -> Time | None:
    if node.attr in _ATTRIBUTES:
        return Time.MOMENT
    if node.attr == "index":
        return Time.INDEX
    return time_of(reading, source, node.value, depth) if node.attr in _THROUGH else None


def _subscript(reading: Reading, source: Source, node: ast.Subscript, depth: int) -> Time | None:
    rows = node.slice
    names = _key(reading.project, source, rows.elts[-1] if isinstance(rows, ast.Tuple) and rows.elts else rows)
    if any(name in _KEYS or name.startswith("date_") for name in names):
        return Time.MOMENT
    if names:
        made = [where for name in names for where in reading.columns.get(name, ())[:MAX_BRANCHES]]
        return _first(time_of(reading, there, value, depth) for there, value in made)
    return time_of(reading, source, node.value, depth)


def _call(reading: Reading, source: Source, call: ast.Call, depth: int) -> Time | None:
    name = last_name(call.func)
    if name in _FUNCTIONS and (isinstance(call.func, ast.Name) or time_of(reading, source, call.func, depth) is None):
        return time_of(reading, source, call.args[0], depth) if call.args else None
    if isinstance(call.func, ast.Attribute):
        held = time_of(reading, source, call.func.value, depth)
        if name in _APPLIES and call.args:
            given = call.args[0]
            inner = given.body if isinstance(given, ast.Lambda) else None
            return time_of(reading, source, inner, depth) if inner else held if last_name(given) in _FUNCTIONS else None
        if held is not None and name in ("strftime", "format"):
            return (
                held
                if any(_names_year(text) for a in call.args for text in texts(reading.project, source, a))
                else None
            )
        if held is not None and name == "replace":
            return None if any(keyword.arg == "year" for keyword in call.keywords) else held
        if held is not None and name in _METHODS:
            return held
    own = own_function(reading.project, source, call)
    for there, function in islice(reading.project.defined(own), MAX_BRANCHES) if own else ():
        returned = reading.project.bindings[there].returns.get(function, [])[:MAX_BRANCHES]
        found = _first(time_of(reading, there, value, depth) for value in returned)
        if found is not None:
            return found
    return None


def _sum(reading: Reading, source: Source, node: ast.BinOp, depth: int) -> Time | None:
    if isinstance(node.op, ast.Mod) and not texts(reading.project, source, node.left):
        of_years = isinstance(node.left, ast.Attribute) and node.left.attr == "year"
        long = of_years and any(number >= LONG_YEARS for number in numbers(reading.project, source, node.right))
        return Time.DISTANCE if long else None  # What comes round again is no moment.
    left, right = time_of(reading, source, node.left, depth), time_of(reading, source, node.right, depth)
    if not isinstance(node.op, ast.Sub):
        return left or right
    if left is not None and right is not None:
        return None
    other = node.right if left is not None else node.left
    if left is None and right is None:
        return None
    told = written(reading, source, other)
    if any(one.sort is Sort.DATE or is_moment(one.number) or FIRST_CENTURY <= one.number < FIRST_YEAR for one in told):
        return Time.DISTANCE
    plain = all(isinstance(origin, ast.Constant | ast.Call) for _, origin in origins(reading.project, source, other))
    return (left or right) if told and plain else None


def _text(reading: Reading, source: Source, node: ast.JoinedStr, depth: int) -> Time | None:
    for part in node.values:
        if isinstance(part, ast.FormattedValue) and time_of(reading, source, part.value, depth) is not None:
            form = part.format_spec
            told = constants(reading.project, source, form) if form is not None else ()
            if form is None or any(isinstance(text, str) and _names_year(text) for text in told):
                return Time.MOMENT
    return None


def _looped(reading: Reading, source: Source, name: ast.Name, depth: int) -> Time | None:
    """What a loop's own name, or that of a function applied to each element, runs through, such as the dates of all candles."""
    for above in source.ancestors(name):
        call = source.parent(above) if isinstance(above, ast.Lambda) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _APPLIES:
            return time_of(reading, source, call.func.value, depth)
        loops: list[ast.For | ast.comprehension] = [above] if isinstance(above, ast.For) else []
        if isinstance(above, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            loops = list(above.generators)
        for loop in loops:
            if isinstance(loop.target, ast.Name) and loop.target.id == name.id:
                return time_of(reading, source, loop.iter, depth)
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            break
    return None


def _column(project: Project, source: Source, target: ast.expr) -> tuple[str, ...]:
    """The name of the column that a statement assigns."""
    if not isinstance(target, ast.Subscript):
        return ()
    rows = target.slice
    return _key(project, source, rows.elts[-1] if isinstance(rows, ast.Tuple) and rows.elts else rows)


def _key(project: Project, source: Source, node: ast.expr) -> tuple[str, ...]:
    return () if isinstance(node, ast.Slice | ast.Compare) else texts(project, source, node)


def _names_year(form: str) -> bool:
    return any(code in form for code in _WITH_YEAR)


def _first(found: Iterable[Time | None] | Iterator[Time | None]) -> Time | None:
    return next((one for one in found if one is not None), None)
