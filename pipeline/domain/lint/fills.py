"""Rules on looking ahead, second half: values filled in from later candles, centred windows, filters that need the future."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import constants, texts
from pipeline.domain.lint.follow import argument
from pipeline.domain.lint.kinds import CANDLES, kind
from pipeline.domain.lint.paths import callees, dotted
from pipeline.domain.lint.project import Project, words
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.sight import in_populate
from pipeline.domain.lint.source import Source

_BACKWARD = frozenset({"bfill", "backfill", "nearest"})
_FILLING = frozenset({"fillna", "reindex", "reindex_like", "asfreq", "get_indexer", "align", "resample"})
_TWO_SIDED = words(
    "filtfilt sosfiltfilt savgol_filter argrelextrema argrelmax argrelmin find_peaks find_peaks_cwt hilbert detrend "
    "medfilt wiener gaussian_filter gaussian_filter1d uniform_filter1d median_filter decompose seasonal_decompose STL "
    "hpfilter UnivariateSpline CubicSpline interp1d lowess KalmanSmoother"
)
_NUMPY_TWO_SIDED = ("numpy.gradient", "numpy.fft.")
_LATE_COLUMNS = frozenset({"chikou_span", "chikou"})


def backward_fill(project: Project) -> Iterator[Trouble]:
    """Gaps filled with values that came later."""
    reason = "fills gaps with values that come later: use ffill(), which takes the last known value."
    for source in project.code:
        for call in source.all(ast.Call):
            for there, callee in callees(project, source, call):
                name = last_name(callee)
                if name in ("bfill", "backfill"):
                    yield error(source, call, f"{name}() {reason}")
                elif name in _FILLING:
                    method = argument(call, 1 if name == "fillna" else -1, "method")
                    told = _backward(project, source, method)
                    if told:
                        yield error(source, call, f'{name}(method="{told}") {reason}')
                elif name in ("apply", "transform", "agg", "aggregate") and call.args:
                    told = _backward(project, there, call.args[0])
                    if told:
                        yield error(source, call, f'{name}("{told}") {reason}')


def centred(project: Project) -> Iterator[Trouble]:
    """A window that lies around its candle, so that half of it is in the future."""
    for source in project.code:
        for call in source.all(ast.Call):
            name = last_name(call.func)
            given = argument(
                call, 2 if name == "rolling" and isinstance(call.func, ast.Attribute) else -1, "center", "centered"
            )
            if given is not None and any(value in (True, 1) for value in constants(project, source, given)):
                yield error(source, call, "A centred window reaches into the future: leave center=True away.")


def interpolated(project: Project) -> Iterator[Trouble]:
    """Values between two candles, made of both."""
    for source in project.code:
        for call in source.all(ast.Call):
            for there, callee in callees(project, source, call):
                if last_name(callee) == "interpolate" and (
                    isinstance(callee, ast.Attribute) or dotted(project, there, callee)
                ):
                    yield error(
                        source,
                        call,
                        "interpolate() draws a line to the next known value, which lies in the future: use ffill().",
                    )


def two_sided(project: Project) -> Iterator[Trouble]:
    """Filters and indicators that are computed from both sides."""
    for source in project.code:
        for call in source.all(ast.Call):
            told = _two_sided(project, source, call)
            if told:
                yield error(
                    source,
                    call,
                    f"{told} uses later candles for earlier ones: use something that looks back only, such as a rolling mean.",
                )
        for node in source.all(ast.Subscript):
            if isinstance(node.slice, ast.Constant) and _is_late(node.slice.value) and isinstance(node.ctx, ast.Load):
                yield error(
                    source,
                    node,
                    f"{node.slice.value!s} is the close moved back in time, which is the future: draw it, do not trade on it.",
                )


def resampled(project: Project) -> Iterator[Trouble]:
    """Longer candles made by hand: the row that carries their opening time holds their close."""
    for source in project.code:
        for call in source.all(ast.Call):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "resample":
                held = kind(project, source, call.func.value)
                if held in CANDLES or in_populate(project, source, call):
                    yield warn(
                        source,
                        call,
                        "resample() labels a longer candle with the time it opens at, when its close is not known yet: "
                        "use @informative or merge_informative_pair, which wait for its end.",
                    )


def queried(project: Project) -> Iterator[Trouble]:
    """Code in the text of query() and eval(), which no rule reads."""
    for source in project.code:
        for call in source.all(ast.Call):
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("query", "eval") or not call.args:
                continue
            written = texts(project, source, call.args[0])
            if not written:
                yield error(
                    source,
                    call,
                    f"{call.func.attr}() with a text that is put together cannot be read: write the condition in Python.",
                )
            elif any(_calls(text) for text in written):
                yield error(
                    source,
                    call,
                    f"{call.func.attr}() calls functions in its text, where no rule reads them: write the condition in Python.",
                )


def _backward(project: Project, source: Source, method: ast.expr | None) -> str:
    """The name of a method of filling that takes later values, where an argument is one."""
    return (
        next((text for text in texts(project, source, method) if text in _BACKWARD), "") if method is not None else ""
    )


def _two_sided(project: Project, source: Source, call: ast.Call) -> str:
    for there, callee in callees(project, source, call):
        name = last_name(callee)
        paths = dotted(project, there, callee)
        if name in _TWO_SIDED and paths:
            return f"{name}()"
        if any(path.startswith(_NUMPY_TWO_SIDED) for path in paths):
            return f"{name}()"
        if any(path in ("numpy.convolve", "numpy.correlate") for path in paths):
            mode = argument(call, 2, "mode")
            if mode is not None and "same" in texts(project, source, mode):
                return f'{name}(mode="same")'
        if name == "dpo" and (any(path.startswith("pandas_ta.") for path in paths) or ".ta." in f".{_chain(callee)}."):
            look = argument(call, -1, "lookahead", "centered")
            if look is None or False not in constants(project, source, look):
                return "dpo() without lookahead=False"
    return ""


def _is_late(name: object) -> bool:
    """The lagging span of an ichimoku cloud, by the names that the indicator libraries give it."""
    return isinstance(name, str) and (name in _LATE_COLUMNS or name.startswith("ICS_"))


def _chain(node: ast.expr) -> str:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join(reversed(names))


def _calls(text: str) -> bool:
    """Whether the text of a query calls anything; one that cannot be parsed after its @names are taken for plain ones counts as such."""
    try:
        tree = ast.parse(text.replace("@", " ").replace("`", " ").strip(), mode="exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "(" in text and ")" in text and "." in text
    return any(isinstance(node, ast.Call) for node in ast.walk(tree))
