"""The rule on joining data of another pair or timeframe, which must wait until the longer candle has closed."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import constants, texts
from pipeline.domain.lint.facts import the_class
from pipeline.domain.lint.follow import argument, class_attribute, origins
from pipeline.domain.lint.kinds import CANDLES, kind
from pipeline.domain.lint.paths import MAX_CHAIN, callees, dotted
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.source import Source

_SOURCES = frozenset({"get_pair_dataframe", "historic_ohlcv", "ohlcv"})
_METHODS = frozenset({"merge", "join", "combine_first", "assign", "insert", "update", "map", "reindex_like"})
_FUNCTIONS = frozenset({"pandas.merge", "pandas.merge_asof", "pandas.merge_ordered", "pandas.concat"})
_JOINS = frozenset(
    {"merge_informative_pair", "resampled_merge", "merge", "merge_asof", "merge_ordered", "concat", "join"}
)


def joined_by_hand(project: Project) -> Iterator[Trouble]:
    """Data from get_pair_dataframe joined without merge_informative_pair, and merge_asof towards later rows."""
    for source in project.code:
        for call in source.all(ast.Call):
            if _joins_forward(project, source, call):
                yield error(
                    source,
                    call,
                    'merge_asof(direction="forward" or "nearest") takes rows that come later: use merge_informative_pair.',
                )
                continue
            joined = next(_joined(project, source, call), None)
            if joined is not None:
                yield _told(project, source, call, joined)
        for node in source.all(ast.Assign):
            if any(isinstance(target, ast.Subscript) for target in node.targets):
                other = foreign(project, source, node.value)
                if other is not None and not all(_belongs(project, source, t, other) for t in node.targets):
                    yield _told(project, source, node, other)


def foreign(project: Project, source: Source, node: ast.expr, depth: int = 0) -> tuple[Source, ast.Call] | None:
    """The call of get_pair_dataframe that an expression's candles come from, merged ones left out."""
    if node in project.foreign:
        return project.foreign[node]
    if depth > MAX_CHAIN or not project.budget.spend():
        return None
    project.foreign[node] = None  # An expression that leads back to itself comes from nowhere else.
    for there, origin in origins(project, source, node):
        found = _foreign(project, there, origin, depth + 1)
        if found is not None:
            project.foreign[node] = found
            break
    return project.foreign[node]


def _foreign(project: Project, source: Source, node: ast.expr, depth: int) -> tuple[Source, ast.Call] | None:
    if isinstance(node, ast.Call):
        name = last_name(node.func)
        if name in _JOINS:
            return None  # What is joined was judged where it was joined.
        if name in _SOURCES and isinstance(node.func, ast.Attribute):
            return source, node
        inside = (
            [node.func.value] if isinstance(node.func, ast.Attribute) and not dotted(project, source, node.func) else []
        )
        for value in (*inside, *node.args):
            found = foreign(project, source, value, depth)
            if found is not None:
                return found
        return None
    if isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        return foreign(project, source, node.value, depth)
    if isinstance(node, ast.BinOp):
        return foreign(project, source, node.left, depth) or foreign(project, source, node.right, depth)
    if isinstance(node, ast.List | ast.Tuple):
        return next((f for element in node.elts if (f := foreign(project, source, element, depth)) is not None), None)
    return None


def _joined(project: Project, source: Source, call: ast.Call) -> Iterator[tuple[Source, ast.Call]]:
    """The foreign candles that a call joins to others."""
    for there, callee in callees(project, source, call):
        paths = dotted(project, there, callee)
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if any(path in _FUNCTIONS for path in paths):
            flat = [e for value in given for e in (value.elts if isinstance(value, ast.List | ast.Tuple) else [value])]
            others = [foreign(project, source, value) for value in flat if not isinstance(value, ast.Constant)]
            mixed = any(other is None for other in others)
            yield from (other for other in others if other is not None and mixed)
        elif (
            isinstance(callee, ast.Attribute)
            and callee.attr in _METHODS
            and kind(project, there, callee.value) in CANDLES
        ):
            base = foreign(project, there, callee.value)
            for value in given:
                other = foreign(project, source, value)
                if other is not None and (base is None or base[1] is not other[1]):
                    yield other


def _belongs(project: Project, source: Source, target: ast.expr, other: tuple[Source, ast.Call]) -> bool:
    """Whether a column is written into the very frame it comes from, or into something that is no frame."""
    if not isinstance(target, ast.Subscript):
        return True
    base = target.value.value if isinstance(target.value, ast.Attribute) else target.value
    mine = foreign(project, source, base)
    if mine is not None:
        return mine[1] is other[1]
    return kind(project, source, base) not in CANDLES


def _told(project: Project, source: Source, node: ast.AST, other: tuple[Source, ast.Call]) -> Trouble:
    if _same_timeframe(project, *other):
        return warn(
            source,
            node,
            "Candles of another pair are joined by hand, where rows that one lacks shift the other: merge_informative_pair joins by date.",
        )
    return error(
        source,
        node,
        "Candles from get_pair_dataframe are joined without merge_informative_pair: a longer candle would be known before it has closed. "
        "Use merge_informative_pair(dataframe, other, self.timeframe, other_timeframe, ffill=True) or @informative.",
    )


def _same_timeframe(project: Project, source: Source, call: ast.Call) -> bool:
    given = argument(call, 1, "timeframe")
    if given is None:
        return True
    if isinstance(given, ast.Attribute) and given.attr == "timeframe":
        return True
    cls = the_class(project)
    if cls is None or project.strategy is None:
        return False
    own = {
        c
        for there, value in class_attribute(project, project.strategy, cls, "timeframe")
        for c in constants(project, there, value)
    }
    told = set(texts(project, source, given))
    return bool(told) and told <= own


def _joins_forward(project: Project, source: Source, call: ast.Call) -> bool:
    direction = argument(call, -1, "direction")
    if last_name(call.func) != "merge_asof" or direction is None:
        return False
    return any(text in ("forward", "nearest") for text in texts(project, source, direction))
