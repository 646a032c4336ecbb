"""What an expression is in terms of candles: a whole frame, a whole column, a window over one, a group.

Only what the text shows is claimed: None means that nothing is known, and rules then keep silent.
"""

import ast
from itertools import islice

from pipeline.domain.lint.bindings import last_name, parameters
from pipeline.domain.lint.constants import constants
from pipeline.domain.lint.follow import MAX_BRANCHES, argument, origins
from pipeline.domain.lint.paths import MAX_CHAIN, callees, dotted, own_function
from pipeline.domain.lint.project import Kind, Project, words
from pipeline.domain.lint.source import NamedFunction, Source

POPULATE = (
    "populate_indicators",
    "populate_entry_trend",
    "populate_exit_trend",
    "populate_buy_trend",
    "populate_sell_trend",
)
INDICATOR_MODULES = ("talib", "pandas_ta", "technical", "freqtrade.vendor.qtpylib", "finta", "ta")
WINDOWS = frozenset({"rolling", "expanding", "ewm"})
AGGREGATES = words(
    "mean max min std var sum prod product quantile median rank describe mode idxmax idxmin argmax argmin skew kurt "
    "kurtosis sem mad nlargest nsmallest corr cov autocorr value_counts argsort ptp"
)
"""Methods of a column or frame whose answer rests on every candle in it."""

_AWAY = words("to_dict to_list tolist items iterrows itertuples keys any all item count nunique info head")
_MERGES = frozenset({"concat", "merge", "merge_asof", "merge_ordered", "DataFrame", "merge_informative_pair"})
_NOT_COLUMNS = frozenset(
    {"shape", "columns", "index", "empty", "size", "dtypes", "dtype", "attrs", "name", "ndim", "axes"}
)
_LOCATORS = frozenset({"loc", "iloc"})

CANDLES = (Kind.FRAME, Kind.COLUMN)


def kind(project: Project, source: Source, node: ast.expr, depth: int = 0) -> Kind | None:
    """What an expression holds, or None."""
    if isinstance(node, ast.Name):
        handed = _parameter_kind(source, node)
        if handed is not None:
            return handed
    if node in project.kinds:
        return project.kinds[node]
    if depth > MAX_CHAIN or not project.budget.spend():
        return None
    project.kinds[node] = None  # An expression that leads back to itself holds nothing more.
    for there, origin in origins(project, source, node):
        found = _kind(project, there, origin, depth + 1)
        if found is not None:
            project.kinds[node] = found
            break
    return project.kinds[node]


def is_informative(function: NamedFunction) -> bool:
    """Whether a method is decorated with @informative(...)."""
    return any(last_name(d.func if isinstance(d, ast.Call) else d) == "informative" for d in function.decorator_list)


def is_row_wise(project: Project, source: Source, call: ast.Call, position: int = 0) -> bool:
    """Whether a call works along each row (`axis=1`), which looks at one candle only."""
    axis = argument(call, position, "axis")
    return axis is not None and any(
        value in (1, "columns", -1) and value is not True for value in constants(project, source, axis)
    )


def is_indicator(paths: tuple[str, ...]) -> bool:
    """Whether a dotted path lies in a library of indicators."""
    return any(path == module or path.startswith(f"{module}.") for path in paths for module in INDICATOR_MODULES)


def _kind(project: Project, source: Source, node: ast.expr, depth: int) -> Kind | None:
    if isinstance(node, ast.Subscript):
        return _subscript_kind(project, source, node, depth)
    if isinstance(node, ast.Attribute):
        return _attribute_kind(project, source, node, depth)
    if isinstance(node, ast.Call):
        return _call_kind(project, source, node, depth)
    if isinstance(node, ast.BinOp):
        return _any_candles(project, source, (node.left, node.right), depth)
    if isinstance(node, ast.UnaryOp):
        return _any_candles(project, source, (node.operand,), depth)
    if isinstance(node, ast.Compare):
        return _any_candles(project, source, (node.left, *node.comparators), depth)
    return None


def _any_candles(project: Project, source: Source, nodes: tuple[ast.expr, ...], depth: int) -> Kind | None:
    return next((found for n in nodes if (found := kind(project, source, n, depth)) in CANDLES), None)


def _parameter_kind(source: Source, node: ast.Name) -> Kind | None:
    """A parameter by its annotation, or the frame that freqtrade passes to populate_*."""
    function = next((f for f in source.functions(node) if any(p.arg == node.id for p in parameters(f))), None)
    if function is None or isinstance(function, ast.Lambda):
        return None
    names = [p for p in parameters(function) if p.arg not in ("self", "cls")]
    parameter = next((p for p in names if p.arg == node.id), None)
    if parameter is None:
        return None
    annotation = parameter.annotation
    told = (
        annotation.value
        if isinstance(annotation, ast.Constant)
        else last_name(annotation)
        if annotation is not None
        else ""
    )
    name = str(told).rpartition(".")[2]
    if name in ("DataFrame", "Series"):
        return Kind.FRAME if name == "DataFrame" else Kind.COLUMN
    populates = function.name in POPULATE or is_informative(function)
    return Kind.FRAME if populates and parameter is names[0] else None


def _subscript_kind(project: Project, source: Source, node: ast.Subscript, depth: int) -> Kind | None:
    base, index = node.value, node.slice
    if isinstance(base, ast.Attribute) and base.attr in _LOCATORS:
        return _located_kind(kind(project, source, base.value, depth), index)
    held = kind(project, source, base, depth)
    if held is Kind.FRAME:
        if isinstance(index, ast.List | ast.Slice | ast.Compare | ast.BinOp | ast.UnaryOp | ast.Tuple):
            return Kind.FRAME
        return Kind.FRAME if kind(project, source, index, depth) is Kind.COLUMN else Kind.COLUMN
    if held is Kind.COLUMN:
        scalar = isinstance(index, ast.Constant | ast.UnaryOp) and not (
            isinstance(index, ast.Constant) and isinstance(index.value, str)
        )
        return None if scalar else Kind.COLUMN
    return held


def _located_kind(held: Kind | None, index: ast.expr) -> Kind | None:
    if held not in CANDLES:
        return None
    rows = index.elts[0] if isinstance(index, ast.Tuple) and index.elts else index
    if isinstance(rows, ast.Constant) or (isinstance(rows, ast.UnaryOp) and isinstance(rows.op, ast.USub)):
        return None
    if isinstance(index, ast.Tuple) and len(index.elts) == 2:
        return Kind.FRAME if isinstance(index.elts[1], ast.List | ast.Slice) else Kind.COLUMN
    return held


def _attribute_kind(project: Project, source: Source, node: ast.Attribute, depth: int) -> Kind | None:
    held = kind(project, source, node.value, depth)
    if held not in CANDLES or node.attr in _NOT_COLUMNS:
        return None
    if held is Kind.FRAME:
        return Kind.FRAME if node.attr in ("values", "T", "iloc", "loc", "at", "iat") else Kind.COLUMN
    return Kind.COLUMN


def _call_kind(project: Project, source: Source, call: ast.Call, depth: int) -> Kind | None:
    for there, callee in callees(project, source, call):
        paths = dotted(project, there, callee)
        if isinstance(callee, ast.Call) and last_name(callee.func) == "getattr" and callee.args:
            found = _indicator_kind(project, source, call, dotted(project, there, callee.args[0]), depth)
        elif paths:
            found = _library_kind(project, source, call, paths, depth)
        elif isinstance(callee, ast.Attribute):
            found = _method_kind(project, source, call, there, callee, depth)
        elif isinstance(callee, ast.Name) and callee.id in ("abs", "round"):
            found = _any_candles(project, source, tuple(call.args), depth)
        else:
            found = None
        if found is not None:
            return found
    return _own_kind(project, source, call, depth)


def _library_kind(project: Project, source: Source, call: ast.Call, paths: tuple[str, ...], depth: int) -> Kind | None:
    name = paths[0].rpartition(".")[2]
    if name in _MERGES:
        return Kind.FRAME
    if name == "Series":
        return Kind.COLUMN
    if name in AGGREGATES and not is_row_wise(project, source, call, 1) and not is_indicator(paths):
        return None
    return _indicator_kind(project, source, call, paths, depth)


def _indicator_kind(
    project: Project, source: Source, call: ast.Call, paths: tuple[str, ...], depth: int
) -> Kind | None:
    """What a function of an indicator library, of numpy or of pandas makes of candles: a column."""
    if not is_indicator(paths) and not any(path.startswith(("numpy.", "pandas.")) for path in paths):
        return None
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return Kind.COLUMN if _any_candles(project, source, given, depth) else None


def _method_kind(
    project: Project, source: Source, call: ast.Call, there: Source, callee: ast.Attribute, depth: int
) -> Kind | None:
    name = callee.attr
    if name in ("get_pair_dataframe", "historic_ohlcv", "ohlcv"):
        return Kind.FRAME
    if name in WINDOWS:
        return Kind.WINDOW
    held = kind(project, there, callee.value, depth)
    if held is None:
        return None
    if name == "groupby":
        return Kind.GROUP
    if name == "resample":
        return Kind.RESAMPLED
    if held in (Kind.WINDOW, Kind.GROUP):
        return Kind.COLUMN
    if held is Kind.RESAMPLED:
        return Kind.FRAME
    if name in AGGREGATES:
        return Kind.COLUMN if is_row_wise(project, source, call) else None
    if name in _AWAY:
        return None
    return (
        Kind.COLUMN
        if held is Kind.FRAME and (name in ("get", "pop", "eval") or is_row_wise(project, source, call, -1))
        else held
    )


def _own_kind(project: Project, source: Source, call: ast.Call, depth: int) -> Kind | None:
    """What a function of the strategy's own returns."""
    name = own_function(project, source, call)
    for there, function in islice(project.defined(name), MAX_BRANCHES) if name else ():
        for value in project.bindings[there].returns.get(function, [])[:MAX_BRANCHES]:
            found = kind(project, there, value, depth)
            if found is not None:
                return found
    return None
