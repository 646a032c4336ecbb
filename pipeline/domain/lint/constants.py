"""What a number or text may be: constants, small sums of them, and the bounds of hyperopt parameters."""

import ast
import operator
from collections.abc import Callable

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.follow import MAX_BRANCHES, MAX_DEPTH, PARAMETERS, argument, origins
from pipeline.domain.lint.project import Constant, Project
from pipeline.domain.lint.source import Source

MAX_NUMBER = 10**20
"""Larger ones are not worked out; moments in nanoseconds are smaller."""
MAX_TEXT = 10_000

_NUMBERS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "int": int,
    "float": float,
    "abs": abs,
    "round": round,
    "min": min,
    "max": max,
}


def constants(project: Project, source: Source, node: ast.expr, depth: int = 0) -> tuple[Constant, ...]:
    """The values that an expression may have; empty where none can be told."""
    key = node, depth
    if key not in project.constants:
        found: list[Constant] = []
        for there, origin in origins(project, source, node, depth):
            found += _fold(project, there, origin, depth + 1)
            if len(found) >= MAX_BRANCHES:
                break
        project.constants[key] = tuple(found[:MAX_BRANCHES])
    return project.constants[key]


def numbers(project: Project, source: Source, node: ast.expr) -> tuple[float, ...]:
    """The numbers among the constants."""
    return tuple(c for c in constants(project, source, node) if isinstance(c, int | float) and not isinstance(c, bool))


def texts(project: Project, source: Source, node: ast.expr) -> tuple[str, ...]:
    """The texts among the constants."""
    return tuple(c for c in constants(project, source, node) if isinstance(c, str))


def is_negative(project: Project, source: Source, node: ast.expr) -> bool:
    """Whether a number may be below zero; minus something that is not known counts as such."""
    if any(value < 0 for value in numbers(project, source, node)):
        return True
    return any(
        isinstance(origin, ast.UnaryOp)
        and isinstance(origin.op, ast.USub)
        and not numbers(project, there, origin.operand)
        for there, origin in origins(project, source, node)
    )


def _fold(project: Project, source: Source, node: ast.expr, depth: int) -> list[Constant]:
    """A constant expression's values; only small sums and products are worked out."""
    if depth > MAX_DEPTH or not project.budget.spend():
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, Constant) and _small(node.value) else []
    if isinstance(node, ast.UnaryOp):
        return _fold_unary(node, constants(project, source, node.operand, depth + 1))
    if isinstance(node, ast.BinOp):
        left, right = (
            constants(project, source, node.left, depth + 1),
            constants(project, source, node.right, depth + 1),
        )
        return [value for a in left[:8] for b in right[:8] for value in _combine(node.op, a, b)]
    if isinstance(node, ast.Call):
        return _fold_call(project, source, node, depth)
    if isinstance(node, ast.JoinedStr):
        return _fold_joined(project, source, node, depth)
    return []


def _fold_unary(node: ast.UnaryOp, values: tuple[Constant, ...]) -> list[Constant]:
    if isinstance(node.op, ast.Not):
        return [not value for value in values]
    if isinstance(node.op, ast.USub):
        return [-value for value in values if isinstance(value, int | float)]
    if isinstance(node.op, ast.Invert):
        return [~value for value in values if isinstance(value, int)]
    return list(values)


def _combine(op: ast.operator, a: Constant, b: Constant) -> list[Constant]:
    if isinstance(a, str) and isinstance(b, str):
        return [a + b] if isinstance(op, ast.Add) and len(a) + len(b) < MAX_TEXT else []
    if not isinstance(a, int | float) or not isinstance(b, int | float):
        return []
    if isinstance(op, ast.Pow):
        return [a**b] if abs(a) < 1000 and 0 <= b <= 4 else []
    function = _NUMBERS.get(type(op))
    if function is None or (not b and isinstance(op, ast.Div | ast.FloorDiv | ast.Mod)):
        return []
    result = function(a, b)
    return [result] if _small(result) else []


def _fold_call(project: Project, source: Source, call: ast.Call, depth: int) -> list[Constant]:
    name = last_name(call.func)
    if name in PARAMETERS:
        return _fold_parameter(project, source, call, depth)
    function = _FUNCTIONS.get(name)
    if function is None or not isinstance(call.func, ast.Name) or not call.args or call.keywords:
        return []
    values = [[n for n in constants(project, source, a, depth + 1) if isinstance(n, int | float)] for a in call.args]
    if name == "min":
        return [min(n for v in values for n in v)] if any(values) else []
    if any(len(v) != 1 for v in values):
        return []
    try:
        return [function(*(v[0] for v in values))] if len(values) > 1 or name != "max" else list(values[0])
    except (TypeError, ValueError, OverflowError):
        return []


def _fold_parameter(project: Project, source: Source, call: ast.Call, depth: int) -> list[Constant]:
    """A hyperopt parameter may take its bounds, its default, or any of its categories."""
    given = [
        value
        for value in (argument(call, 0, "low", "categories"), argument(call, 1, "high"), argument(call, -1, "default"))
        if value
    ]
    flat = [
        element for value in given for element in (value.elts if isinstance(value, ast.List | ast.Tuple) else [value])
    ]
    return [c for value in flat[:MAX_BRANCHES] for c in constants(project, source, value, depth + 1)]


def _fold_joined(project: Project, source: Source, node: ast.JoinedStr, depth: int) -> list[Constant]:
    text = ""
    for part in node.values:
        inner = part.value if isinstance(part, ast.FormattedValue) else part
        values = constants(project, source, inner, depth + 1)
        if len(values) != 1:
            return []
        text += str(values[0])
    return [text[:MAX_TEXT]]


def _small(value: object) -> bool:
    return not isinstance(value, int | float) or value != value or abs(value) < MAX_NUMBER
