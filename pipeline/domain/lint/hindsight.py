"""The rule on dates that are written out: whoever chose them knew what happened then."""

import ast
import re
from collections.abc import Iterator
from itertools import chain, pairwise

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import texts
from pipeline.domain.lint.follow import origins
from pipeline.domain.lint.moments import read, time_of
from pipeline.domain.lint.paths import dotted
from pipeline.domain.lint.project import Project, words
from pipeline.domain.lint.reading import Reading, Sort, Time, Written
from pipeline.domain.lint.rule import Trouble
from pipeline.domain.lint.source import Source
from pipeline.domain.lint.written import FIRST_EPOCH, FIRST_YEAR, is_epoch, may_be_day, written

_COMPARES = words(
    "isin between eq ne lt le gt ge equals startswith endswith contains match fullmatch map replace reindex clip get searchsorted"
)
_FINDS = words(
    "truncate get_loc get_indexer asof slice_locs slice_indexer searchsorted reindex xs get_trades_proxy lock_pair"
)
_PAIRS = words(
    "isin in1d searchsorted digitize cut greater greater_equal less less_equal equal not_equal min max maximum minimum bisect bisect_left "
    "bisect_right insort gt ge lt le eq ne contains match fullmatch search sub"
)
_BUILTINS = frozenset({"min", "max"})
_TABLES = frozenset({"DataFrame", "Series"})
_LOCATORS = frozenset({"loc", "at"})
_QUERIES = frozenset({"query", "eval"})
_TIMED = re.compile(r"\b(?:date\w*|index|year)\b")
_HANDED = re.compile(r"@(\w+)")
_SHOWN = 60


def written_dates(project: Project) -> Iterator[Trouble]:
    """A date, a year or an epoch that candles, trades or the present are compared with, or that finds rows."""
    reading = read(project)
    for source in project.code:
        seen: set[ast.AST] = set()
        for node, found in chain(_comparisons(reading, source), _calls(reading, source), _rows(reading, source)):
            if node not in seen:
                seen.add(node)
                yield _told(reading, source, node, *found)


_Found = tuple[Written, ast.expr]
"""A written moment and the expression that stands for it where it decides."""


def _comparisons(reading: Reading, source: Source) -> Iterator[tuple[ast.AST, _Found]]:
    for compare in source.all(ast.Compare):
        sides = [compare.left, *compare.comparators]
        for left, right in pairwise(sides):
            found = _decides(reading, source, left, right)
            if found:
                yield compare, found
    for match in source.all(ast.Match):
        for case in match.cases:
            for pattern in ast.walk(case.pattern):
                if isinstance(pattern, ast.MatchValue) and (
                    found := _decides(reading, source, match.subject, pattern.value)
                ):
                    yield pattern, found


def _calls(reading: Reading, source: Source) -> Iterator[tuple[ast.AST, _Found]]:
    for call in source.all(ast.Call):
        found = _called(reading, source, call)
        if found:
            yield call, found


def _called(reading: Reading, source: Source, call: ast.Call) -> _Found | None:
    """What decides in a call: among its arguments, between them, or against what the method belongs to."""
    name, given = last_name(call.func), [*call.args, *(keyword.value for keyword in call.keywords)]
    if not given:
        return None
    if name in _QUERIES:
        return _queried(reading, source, given[0])
    library = bool(dotted(reading.project, source, call.func))
    if library and name in _TABLES:
        return _surely(reading, source, [part for one in given for part in _values(one)])
    if (library and name in _PAIRS) or (isinstance(call.func, ast.Name) and name in _BUILTINS):
        return _against(reading, source, given[0], given[1:])
    if not isinstance(call.func, ast.Attribute) or name not in _COMPARES | _FINDS:
        return None
    found = _against(reading, source, call.func.value, given)
    return found or (_surely(reading, source, given) if name in _FINDS else None)


def _rows(reading: Reading, source: Source) -> Iterator[tuple[ast.AST, _Found]]:
    """Rows that are found by a date, and tables whose keys are dates."""
    for node in source.all(ast.Subscript):
        rows = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        if isinstance(rows, ast.Compare):
            continue
        located = isinstance(node.value, ast.Attribute) and node.value.attr in _LOCATORS
        found = None
        if located or isinstance(rows, ast.Slice):
            dates = (one for one in written(reading, source, rows) if one.sort in (Sort.DATE, Sort.TEXT))
            found = next(((one, rows) for one in dates), None)
        elif time_of(reading, source, rows) is not None:
            found = _decides(reading, source, rows, node.value)
        if found:
            yield node, found


def _against(reading: Reading, source: Source, one: ast.expr, others: list[ast.expr]) -> _Found | None:
    return next((found for other in others if (found := _decides(reading, source, one, other))), None)


def _decides(reading: Reading, source: Source, one: ast.expr, other: ast.expr) -> _Found | None:
    """What of two expressions is a written moment, where the other is none."""
    left, right = written(reading, source, one), written(reading, source, other)
    if left and right and not (_mixed(reading, source, one) or _mixed(reading, source, other)):
        return None
    for found, node, against in ((left, one, other), (right, other, one)):
        for moment in found:
            if moment.sort is Sort.DATE or _weighs(moment, time_of(reading, source, against)):
                return moment, node
    return None


def _weighs(moment: Written, time: Time | None) -> bool:
    """Whether something that may be a moment is one, beside what it stands against."""
    if moment.sort is Sort.TEXT:
        return time in (Time.MOMENT, Time.INDEX)
    if moment.sort is Sort.NUMBER:
        told = FIRST_YEAR <= moment.number < FIRST_EPOCH or is_epoch(moment.number)
        return time is Time.DISTANCE or (time is Time.MOMENT and told)
    return moment.sort is Sort.SPAN and time is Time.DISTANCE


def _surely(reading: Reading, source: Source, given: list[ast.expr]) -> _Found | None:
    return next(
        ((one, node) for node in given for one in written(reading, source, node) if one.sort is Sort.DATE), None
    )


def _values(node: ast.expr) -> list[ast.expr]:
    return [node, *node.values] if isinstance(node, ast.Dict) else [node]


def _queried(reading: Reading, source: Source, text: ast.expr) -> _Found | None:
    """A date in the text of query(), or behind one of the names that it takes from the code."""
    for query in texts(reading.project, source, text):
        if not _TIMED.search(query):
            continue
        if may_be_day(query):
            return Written(Sort.TEXT, source, text), text
        for name in _HANDED.findall(query)[:8]:
            for (_, bound), values in reading.project.bindings[source].names.items():
                found = _surely(reading, source, values[:8]) if bound == name else None
                if found:
                    return found[0], text
    return None


def _mixed(reading: Reading, source: Source, node: ast.expr) -> bool:
    """Whether a name stands for the time of candles as well: something to begin with, replaced later."""
    return any(
        origin is not node and time_of(reading, there, origin) is not None
        for there, origin in origins(reading.project, source, node)
    )


def _told(reading: Reading, source: Source, node: ast.AST, moment: Written, stands: ast.expr) -> Trouble:
    shown = moment.source.text(moment.node)
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
    at, here = moment.source.place(moment.node), source.place(node)
    elsewhere = "" if at.file == here.file and at.line == here.line else f" ({at.file}:{at.line})"
    if _mixed(reading, source, stands):
        said = f"{shown}{elsewhere} is a date to begin with: begin with None, so that no date of the past stands in the code."
        return Trouble(here, said, warning=True)
    said = (
        f"{shown}{elsewhere} is a day that does not come again: who chose it knew what happened then. "
        "Decide by what the candles show; hour, weekday and month may be used, a date or year may not."
    )
    return Trouble(here, said)
