"""Rules on looking ahead by summing up: numbers about a whole column or a whole group, which know every later candle."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import texts
from pipeline.domain.lint.follow import argument
from pipeline.domain.lint.kinds import AGGREGATES, CANDLES, is_row_wise, kind
from pipeline.domain.lint.paths import callees, dotted
from pipeline.domain.lint.project import Kind, Project, words
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.sight import in_populate
from pipeline.domain.lint.source import Source

_FUNCTIONS = AGGREGATES | words(
    "average percentile nanmean nanmax nanmin nanstd nanvar nansum nanmedian nanquantile nanpercentile amax amin corrcoef polyfit sort "
    "unique histogram stdev pstdev variance pvariance fmean geometric_mean harmonic_mean zscore"
)
_BUILTINS = frozenset({"max", "min", "sum", "sorted"})
_WINDOWED = frozenset(
    {"mean", "max", "min", "std", "var", "sum", "quantile", "median", "rank", "skew", "kurt", "corr", "cov"}
)
_RUNNING = words("cumsum cummax cummin cumcount cumprod shift diff pct_change ffill rolling expanding ewm ngroup")
_LIBRARIES = ("numpy.", "statistics.", "scipy.stats.", "heapq.")


def whole_column(project: Project) -> Iterator[Trouble]:
    """A number about a whole column in populate_*: it knows every later candle."""
    for source in project.code:
        for call in source.all(ast.Call):
            if not in_populate(project, source, call):
                continue
            name = next(
                (
                    last_name(c)
                    for there, c in callees(project, source, call)
                    if _sums_up(project, source, call, there, c)
                ),
                "",
            )
            if name:
                windowed = name if name in _WINDOWED else "mean"
                yield error(
                    source,
                    call,
                    f"{name}() looks at the whole column, later candles included: use a window, such as .rolling(20).{windowed}().",
                )
            elif _tests_all(project, source, call):
                yield warn(
                    source,
                    call,
                    "any() and all() look at the whole column, later candles included: do not decide on their answer.",
                )


def whole_group(project: Project) -> Iterator[Trouble]:
    """A number about a whole group, such as a day, given to every candle in it."""
    for source in project.code:
        for call in source.all(ast.Call):
            if not isinstance(call.func, ast.Attribute) or call.func.attr in _RUNNING:
                continue
            if not in_populate(project, source, call) or kind(project, source, call.func.value) is not Kind.GROUP:
                continue
            if _RUNNING.isdisjoint(text for value in call.args[:1] for text in texts(project, source, value)):
                yield warn(
                    source,
                    call,
                    f"{call.func.attr}() of a group looks at all of its candles, the later ones too: use cummax(), cumsum(), expanding().",
                )


def _sums_up(project: Project, source: Source, call: ast.Call, there: Source, callee: ast.expr) -> bool:
    """Whether a call answers with a number about a whole column."""
    paths = dotted(project, there, callee)
    if any(path.startswith(_LIBRARIES) for path in paths):
        given = any(kind(project, source, value) in CANDLES for value in call.args[:2])
        return last_name(callee) in _FUNCTIONS | _BUILTINS and given and not is_row_wise(project, source, call, 1)
    if any(path.startswith("pandas.") for path in paths):
        return _pandas_sums_up(project, source, call, last_name(callee))
    if isinstance(callee, ast.Name):
        return callee.id in _BUILTINS and len(call.args) == 1 and kind(project, source, call.args[0]) is Kind.COLUMN
    return isinstance(callee, ast.Attribute) and not paths and _method_sums_up(project, source, call, there, callee)


def _pandas_sums_up(project: Project, source: Source, call: ast.Call, name: str) -> bool:
    if not call.args or kind(project, source, call.args[0]) not in CANDLES:
        return False
    if name == "cut":
        bins = argument(call, 1, "bins")
        return bins is not None and not isinstance(bins, ast.List | ast.Tuple)
    return name == "qcut" or name in AGGREGATES


def _method_sums_up(project: Project, source: Source, call: ast.Call, there: Source, callee: ast.Attribute) -> bool:
    name = callee.attr
    if name == "fit_transform":
        return bool(call.args) and kind(project, source, call.args[0]) in CANDLES
    if kind(project, there, callee.value) not in CANDLES:
        return False
    if name in ("agg", "aggregate", "apply", "transform"):
        told = call.args[0] if call.args else None
        summing = told is not None and not AGGREGATES.isdisjoint((*texts(project, source, told), last_name(told)))
        return summing and not is_row_wise(project, source, call, 1)
    return name in AGGREGATES and not is_row_wise(project, source, call)


def _tests_all(project: Project, source: Source, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("any", "all"):
        return False
    return not is_row_wise(project, source, call) and kind(project, source, call.func.value) in CANDLES
