"""The rule on start-up candles: how many candles the strategy's longest window needs before its first signal."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import constants, numbers
from pipeline.domain.lint.facts import the_class
from pipeline.domain.lint.follow import argument
from pipeline.domain.lint.kinds import is_indicator
from pipeline.domain.lint.paths import dotted
from pipeline.domain.lint.project import Project, words
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.source import Source
from pipeline.domain.lint.structure import attribute_values

MOST = 5000
"""freqtrade asks an exchange for at most five calls of 1000 candles before it starts."""

_LENGTHS = words(
    "window timeperiod span length period periods fastperiod slowperiod signalperiod fastk_period slowk_period "
    "slowd_period fastd_period timeperiod1 timeperiod2 timeperiod3 com halflife lookback slow fast"
)
_METHODS = {"rolling": 0, "shift": 0, "diff": 0, "pct_change": 0}


def startup_candles(project: Project) -> Iterator[Trouble]:
    """startup_candle_count is a sensible number, and at least the longest window."""
    cls = the_class(project)
    if cls is None or project.strategy is None:
        return
    found = attribute_values(project, "startup_candle_count")
    count: float = 0
    for source, value in found:
        written = numbers(project, source, value)
        if not written:
            if constants(project, source, value):
                yield error(
                    source, value, "startup_candle_count must be a whole number, such as `startup_candle_count = 200`."
                )
            else:
                yield warn(
                    source,
                    value,
                    "startup_candle_count is not written out, so it cannot be compared with the windows that are used.",
                )
            return
        count = max(written)
        if any(number < 0 or number != int(number) for number in written):
            yield error(source, value, f"startup_candle_count {min(written):g} must be a whole number, 0 or more.")
            return
        if count > MOST:
            yield error(
                source,
                value,
                f"startup_candle_count {count:g} is more than exchanges give at once: {MOST} candles are the most.",
            )
            return
    source, place = found[0] if found else (project.strategy, cls)
    longest = max(_windows(project), key=lambda window: window[2], default=None)
    if longest is not None and longest[2] > count:
        there, call, length = longest
        yield warn(
            source,
            place,
            f"startup_candle_count is {count:g}, but {there.file}:{there.place(call).line} looks back {length:g} candles: "
            f"write `startup_candle_count = {length:g}` or more, or the first signals differ from the live bot's.",
        )


def _windows(project: Project) -> Iterator[tuple[Source, ast.Call, float]]:
    """Every length of a window that is written out."""
    for source in project.code:
        for call in source.all(ast.Call):
            given = [keyword.value for keyword in call.keywords if keyword.arg in _LENGTHS]
            name = last_name(call.func)
            if name in _METHODS and isinstance(call.func, ast.Attribute):
                first = argument(call, _METHODS[name])
                given += [first] if first is not None else []
            elif is_indicator(dotted(project, source, call.func)):
                given += call.args
            for value in given:
                for number in numbers(project, source, value):
                    if number == int(number) and 1 < number <= 100_000:
                        yield source, call, number
