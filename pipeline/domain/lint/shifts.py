"""The rule on looking ahead by shifting: a column moved so that a candle sees a later one."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import is_negative, texts
from pipeline.domain.lint.follow import argument
from pipeline.domain.lint.kinds import CANDLES, is_indicator, kind
from pipeline.domain.lint.paths import callees, dotted
from pipeline.domain.lint.project import Kind, Project
from pipeline.domain.lint.rule import Trouble, error
from pipeline.domain.lint.source import Source

_SHIFTS = frozenset({"shift", "tshift", "pct_change", "diff"})
_APPLY = frozenset({"apply", "transform", "agg", "aggregate", "pipe", "methodcaller", "partial"})
_NO_PERIODS = frozenset({"axis", "fill_value"})


def negative_shift(project: Project) -> Iterator[Trouble]:
    """A column moved so that a candle sees a later one."""
    for source in project.code:
        for call in source.all(ast.Call):
            told = _shift(project, source, call)
            if told:
                yield error(
                    source,
                    call,
                    f"{told} moves later candles onto earlier ones: the strategy would see the future. Use a positive number.",
                )
        for node in source.all(ast.Attribute):
            if node.attr in ("shift", "tshift") and _is_handed_on(project, source, node):
                yield error(
                    source,
                    node,
                    "shift is handed on without being called, so its direction cannot be read: call it here, with a positive number.",
                )


def _shift(project: Project, source: Source, call: ast.Call) -> str:
    """What moves a column into the future, in words; nothing where nothing does."""
    for there, callee in callees(project, source, call):
        name, periods = last_name(callee), _periods(project, there, call, callee)
        if periods is not None and is_negative(project, source, periods):
            return f"{name} by a negative number"
        freq = argument(call, -1, "freq") if name in ("shift", "tshift") else None
        if freq is not None and any(text.strip().startswith("-") for text in texts(project, source, freq)):
            return f"{name} with a negative freq"
        if name in _APPLY and _applies_negative_shift(project, source, call):
            return "shift by a negative number"
    return ""


def _periods(project: Project, source: Source, call: ast.Call, callee: ast.expr) -> ast.expr | None:
    """The argument by which a call moves a column."""
    name, paths = last_name(callee), dotted(project, source, callee)
    if "numpy.roll" in paths:
        return argument(call, 1, "shift")
    if is_indicator(paths) or (isinstance(callee, ast.Attribute) and last_name(callee.value) == "ta"):
        return argument(call, -1, "offset")
    if name not in _SHIFTS:
        return None
    if any(path.startswith("pandas.") for path in paths):
        return argument(call, 1, "periods")
    return argument(call, 0, "periods") if isinstance(callee, ast.Attribute) and not paths else None


def _applies_negative_shift(project: Project, source: Source, call: ast.Call) -> bool:
    """`apply("shift", periods=-1)`, `methodcaller("shift", -1)`, `partial(pd.Series.shift, periods=-1)`."""
    if not call.args or _SHIFTS.isdisjoint((*texts(project, source, call.args[0]), last_name(call.args[0]))):
        return False
    given = (*call.args[1:], *(keyword.value for keyword in call.keywords if keyword.arg not in _NO_PERIODS))
    return any(is_negative(project, source, value) for value in given)


def _is_handed_on(project: Project, source: Source, node: ast.Attribute) -> bool:
    """Whether a bound `shift` of candles goes somewhere else than into a call or a name that is then called."""
    parent = source.parent(node)
    if not isinstance(node.ctx, ast.Load) or (isinstance(parent, ast.Call) and parent.func is node):
        return False
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.Attribute | ast.IfExp):
        return False
    if kind(project, source, node.value) in (*CANDLES, Kind.GROUP):
        return True
    applied = isinstance(parent, ast.Call) and last_name(parent.func) in _APPLY
    return not applied and any(path.startswith("pandas.") for path in dotted(project, source, node))
