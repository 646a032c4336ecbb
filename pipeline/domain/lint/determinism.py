"""Rules on sameness: equal candles must give equal trades, today and tomorrow, here and on the device."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import constants
from pipeline.domain.lint.follow import argument
from pipeline.domain.lint.imports import elsewhere
from pipeline.domain.lint.kinds import CANDLES, kind
from pipeline.domain.lint.paths import callees, dotted
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.references import references
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.source import Source

_GENERATORS = (
    "random.Random",
    "numpy.random.default_rng",
    "numpy.random.RandomState",
    "numpy.random.Generator",
    "numpy.random.SeedSequence",
)
_BIT_GENERATORS = tuple(f"numpy.random.{name}" for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"))
_CLOCKS = frozenset(
    {
        *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
        "datetime.date.today",
        *(f"pandas.Timestamp.{name}" for name in ("now", "utcnow", "today")),
        *(f"freqtrade.util.{name}" for name in ("dt_now", "dt_utc_now", "dt_ts_none")),
    }
)
_CLOCK_TEXTS = {"pandas.Timestamp", "pandas.to_datetime", "numpy.datetime64", "pandas.DatetimeIndex", "pandas.Period"}


def dice(project: Project) -> Iterator[Trouble]:
    """Random numbers without a fixed seed."""
    for source in project.code:
        for call in source.all(ast.Call):
            for there, callee in callees(project, source, call):
                told = _dice(project, source, call, dotted(project, there, callee)) or _sample(
                    project, source, call, there, callee
                )
                if told is not None:
                    yield told


def clock(project: Project) -> Iterator[Trouble]:
    """The time of day on the machine: a backtest would judge last year by today's clock."""
    say = (
        "reads this machine's clock, which has nothing to do with the candles: "
        "use current_time, which freqtrade passes to callbacks, or the column date."
    )
    for source, node, module in elsewhere(project, "FT302"):
        yield error(source, node, f"{module} {say}")
    for source in project.code:
        for node, path in references(project, source):
            if path in _CLOCKS:
                yield error(source, node, f"{path.rpartition('.')[2]} {say}")
        for call in source.all(ast.Call):
            if _CLOCK_TEXTS.isdisjoint(dotted(project, source, call.func)):
                continue
            if any(value in ("now", "today") for given in call.args[:1] for value in constants(project, source, given)):
                yield error(source, call, f'{last_name(call.func)}("now") {say}')


def identity(project: Project) -> Iterator[Trouble]:
    """hash() and id(), which differ from process to process, and numbers that are random on purpose."""
    for source, node, module in elsewhere(project, "FT303"):
        yield error(source, node, f"{module} is different every time: a strategy must do the same on the same candles.")
    for source in project.code:
        for call in source.all(ast.Call):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if name in ("hash", "id") and not _is_own(project, source, name):
                yield error(
                    source, call, f"{name}() gives another number in every process: compare the values themselves."
                )
        for node, path in references(project, source):
            if path.startswith("random.SystemRandom"):
                yield error(
                    source, node, f"{path} is different every time: a strategy must do the same on the same candles."
                )


def _sample(project: Project, source: Source, call: ast.Call, there: Source, callee: ast.expr) -> Trouble | None:
    if (
        not isinstance(callee, ast.Attribute)
        or callee.attr != "sample"
        or kind(project, there, callee.value) not in CANDLES
    ):
        return None
    if argument(call, -1, "random_state") is not None:
        return None
    return error(
        source, call, "sample() without random_state draws other rows each time: leave it out, or pass random_state=1."
    )


def _dice(project: Project, source: Source, call: ast.Call, paths: tuple[str, ...]) -> Trouble | None:
    for path in paths:
        if path in (*_GENERATORS, *_BIT_GENERATORS):
            seed = argument(call, 0, "seed", "x", "bit_generator", "entropy")
            if seed is None or None in constants(project, source, seed):
                return error(
                    source,
                    call,
                    f"{path} without a seed is different every time: pass a fixed one, such as default_rng(1).",
                )
        elif path in ("random.seed", "numpy.random.seed"):
            if not call.args or None in constants(project, source, call.args[0]):
                return error(source, call, f"{path} without a number is different every time: pass a fixed one.")
        elif path.startswith(("random.", "numpy.random.")) and path.count(".") == (
            1 if path.startswith("random.") else 2
        ):
            module = path.rpartition(".")[0]
            if _seeded(project, module):
                return warn(
                    source,
                    call,
                    f"{path} shares its numbers with everything else in the process: make a generator of its own with default_rng(1).",
                )
            return error(
                source,
                call,
                f"{path} is different every time: leave chance out, or draw from numpy.random.default_rng(1).",
            )
    return None


def _seeded(project: Project, module: str) -> bool:
    """Whether the strategy seeds a module's shared generator with something."""
    return any(
        call.args and None not in constants(project, source, call.args[0])
        for source, call in project.calls.get("seed", [])
        if f"{module}.seed" in dotted(project, source, call.func)
    )


def _is_own(project: Project, source: Source, name: str) -> bool:
    return bool(project.bindings[source].definitions.get(name)) or name in project.bindings[source].imports
