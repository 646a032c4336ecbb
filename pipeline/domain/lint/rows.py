"""Rules on looking ahead by position: the last row, reversed time, the next candle in a loop."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import constants, is_negative
from pipeline.domain.lint.follow import argument, origins
from pipeline.domain.lint.kinds import CANDLES, kind
from pipeline.domain.lint.paths import dotted
from pipeline.domain.lint.project import Kind, Project
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.sight import in_populate
from pipeline.domain.lint.source import Source

_LAST = (
    "in populate_* is the end of all data in a backtest, not the present: "
    "work on whole columns, and use shift(1) for the candle before."
)
_REVERSED = "This turns time around, so that every window looks into the future: keep candles in their order."


def last_row(project: Project) -> Iterator[Trouble]:
    """The last row in populate_*: in a backtest that is the end of the data, not the present."""
    for source in project.code:
        for node in source.all(ast.Subscript):
            if in_populate(project, source, node) and _takes_last(project, source, node):
                yield error(source, node, f"The last row {_LAST}")
        for call in source.all(ast.Call):
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("tail", "last", "last_valid_index"):
                continue
            if in_populate(project, source, call) and kind(project, source, call.func.value) in CANDLES:
                yield error(source, call, f"{call.func.attr}() {_LAST}")


def reversed_time(project: Project) -> Iterator[Trouble]:
    """Candles in reverse order: what looks back then looks ahead."""
    for source in project.code:
        for node in source.all(ast.Subscript):
            if in_populate(project, source, node) and _is_reversing_slice(project, source, node):
                yield error(source, node, _REVERSED)
        for call in source.all(ast.Call):
            if in_populate(project, source, call) and _is_reversing_call(project, source, call):
                yield error(source, call, _REVERSED)


def next_in_loop(project: Project) -> Iterator[Trouble]:
    """A loop that reads candle i + 1."""
    for source in project.code:
        for node in source.all(ast.Subscript):
            if not isinstance(node.ctx, ast.Load) or not in_populate(project, source, node):
                continue
            if _reads_next(project, source, node):
                yield warn(
                    source,
                    node,
                    "This loop reads a later candle than the one it stands at: make sure that it decides for the later one.",
                )


def _takes_last(project: Project, source: Source, node: ast.Subscript) -> bool:
    base = node.value
    if isinstance(base, ast.Attribute) and base.attr in ("iloc", "iat"):
        return _is_from_end(project, source, _rows(node))
    if isinstance(node.slice, ast.Constant) or not _is_from_end(project, source, node.slice):
        return False
    if isinstance(base, ast.Attribute) and base.attr == "index":
        return kind(project, source, base.value) in CANDLES
    if kind(project, source, base) is Kind.COLUMN:
        return True
    return any(_is_list_of_column(project, there, origin) for there, origin in origins(project, source, base))


def _rows(node: ast.Subscript) -> ast.expr:
    """What a subscript says about rows: the first of two indexes."""
    return node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice


def _is_list_of_column(project: Project, source: Source, node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr in ("tolist", "to_list") and kind(project, source, node.func.value) in CANDLES


def _is_from_end(project: Project, source: Source, index: ast.expr) -> bool:
    """An index counted from the end: -1, [-5:], len(frame) - 1."""
    if isinstance(index, ast.Slice):
        return index.lower is not None and _is_from_end(project, source, index.lower)
    if isinstance(index, ast.List):
        return any(_is_from_end(project, source, element) for element in index.elts)
    if _counts(source, index):
        return False
    if any(isinstance(c, int) and not isinstance(c, bool) and c < 0 for c in constants(project, source, index)):
        return True
    return any(
        isinstance(origin, ast.BinOp) and isinstance(origin.op, ast.Sub) and _is_length(project, there, origin.left)
        for there, origin in origins(project, source, index)
    )


def _counts(source: Source, index: ast.expr) -> bool:
    """Whether an index is made of the variable of a loop over a call such as range(): `column[i - 1]` looks back from candle i."""
    loops = {
        loop.target.id
        for loop in source.ancestors(index)
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Call)
    }
    return any(isinstance(node, ast.Name) and node.id in loops for node in ast.walk(index))


def _is_length(project: Project, source: Source, node: ast.expr) -> bool:
    """`len(frame)` or `frame.shape[0]`."""
    for there, origin in origins(project, source, node):
        if isinstance(origin, ast.Call) and last_name(origin.func) == "len" and origin.args:
            return kind(project, there, origin.args[0]) in CANDLES
        if isinstance(origin, ast.Subscript) and isinstance(origin.value, ast.Attribute):
            return origin.value.attr == "shape" and kind(project, there, origin.value.value) in CANDLES
    return False


def _is_reversing_slice(project: Project, source: Source, node: ast.Subscript) -> bool:
    rows = _rows(node)
    if not isinstance(rows, ast.Slice) or rows.step is None or not is_negative(project, source, rows.step):
        return False
    located = isinstance(node.value, ast.Attribute) and node.value.attr in ("iloc", "loc")
    return located or kind(project, source, node.value) in CANDLES


def _is_reversing_call(project: Project, source: Source, call: ast.Call) -> bool:
    paths = dotted(project, source, call.func)
    if "numpy.flip" in paths or "numpy.flipud" in paths or (not paths and last_name(call.func) == "reversed"):
        return bool(call.args) and kind(project, source, call.args[0]) in CANDLES
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("sort_index", "sort_values"):
        ascending = argument(call, -1, "ascending")
        falls = ascending is not None and any(c in (False, 0) for c in constants(project, source, ascending))
        return falls and kind(project, source, call.func.value) in CANDLES
    return False


def _reads_next(project: Project, source: Source, node: ast.Subscript) -> bool:
    """`column[i + 1]` where i is the variable of a loop."""
    index = _rows(node)
    if not isinstance(index, ast.BinOp) or not isinstance(index.op, ast.Add) or not isinstance(index.left, ast.Name):
        return False
    if not any(isinstance(value, int) and value > 0 for value in constants(project, source, index.right)):
        return False
    located = isinstance(node.value, ast.Attribute) and node.value.attr in ("iloc", "loc", "at", "iat")
    base = node.value.value if located and isinstance(node.value, ast.Attribute) else node.value
    loops = (above for above in source.ancestors(node) if isinstance(above, ast.For))
    runs = any(isinstance(loop.target, ast.Name) and loop.target.id == index.left.id for loop in loops)
    return runs and kind(project, source, base) in CANDLES
