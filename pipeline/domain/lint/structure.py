"""Rules on the strategy class: that there is one, and that what freqtrade reads from it makes sense."""

import ast
import json
from collections.abc import Iterator

from pipeline.domain.lint.constants import constants
from pipeline.domain.lint.facts import strategy_classes, the_class
from pipeline.domain.lint.follow import class_attribute
from pipeline.domain.lint.project import Project, Where
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.source import Source
from pipeline.domain.strategy import DESCRIPTION_FILE, PARAMETERS_FILE
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.verdict import Place

INTERFACE_VERSION = 3
WIDE_STOPLOSS = -0.5
_OLD_NAMES = {
    "populate_buy_trend": "populate_entry_trend",
    "populate_sell_trend": "populate_exit_trend",
    "custom_sell": "custom_exit",
    "check_buy_timeout": "check_entry_timeout",
    "check_sell_timeout": "check_exit_timeout",
    "use_sell_signal": "use_exit_signal",
    "sell_profit_only": "exit_profit_only",
    "sell_profit_offset": "exit_profit_offset",
    "ignore_roi_if_buy_signal": "ignore_roi_if_entry_signal",
    "ticker_interval": "timeframe",
}


def one_class(project: Project) -> Iterator[Trouble]:
    """Exactly one class of strategy.py derives from IStrategy, and strategy.yml names it."""
    source = project.strategy
    if source is None:
        return
    wanted = project.candidate.spec.class_name
    classes = strategy_classes(project, source)
    if not classes:
        yield Trouble(Place(source.file, 1, 1), f"There is no strategy class: write `class {wanted}(IStrategy):`.")
    elif wanted not in [cls.name for cls in classes]:
        names = ", ".join(cls.name for cls in classes)
        yield error(
            source,
            classes[0],
            f"{DESCRIPTION_FILE} names the class {wanted}, but strategy.py has {names}: make them agree.",
        )
    for cls in classes[1:] if len(classes) > 1 else ():
        yield error(
            source,
            cls,
            f"{cls.name} is one of {len(classes)} strategy classes; a strategy is one class: "
            "give the other one a folder of its own, or put what they share into the local package.",
        )


def interface_version(project: Project) -> Iterator[Trouble]:
    """INTERFACE_VERSION = 3, and none of the names of version 2."""
    for source, cls in _named(project):
        found = class_attribute(project, source, cls, "INTERFACE_VERSION")
        if not found:
            yield error(
                source,
                cls,
                f"INTERFACE_VERSION is missing: write `INTERFACE_VERSION = {INTERFACE_VERSION}` in the class.",
            )
        for there, value in found:
            if constants(project, there, value) != (INTERFACE_VERSION,):
                yield error(
                    there,
                    value,
                    f"INTERFACE_VERSION must be {INTERFACE_VERSION}: write `INTERFACE_VERSION = {INTERFACE_VERSION}`.",
                )
        for statement in cls.body:
            for name in _defined_names(statement):
                if name in _OLD_NAMES:
                    yield error(
                        source, statement, f"{name} belongs to an older interface: it is called {_OLD_NAMES[name]} now."
                    )


def stoploss(project: Project) -> Iterator[Trouble]:
    """A stop loss that is written out and lies between -1 and 0."""
    for source, cls in _named(project):
        found = class_attribute(project, source, cls, "stoploss")
        if not found:
            yield error(
                source,
                cls,
                "stoploss is missing: write the largest loss you accept as a ratio, such as `stoploss = -0.1` for 10 %.",
            )
        for there, value in found:
            yield from _judge_stoploss(project, there, value)


def timeframe(project: Project) -> Iterator[Trouble]:
    """A known timeframe, in the class or in strategy.yml, and not two different ones."""
    described = project.candidate.spec.timeframe
    for source, cls in _named(project):
        found = class_attribute(project, source, cls, "timeframe")
        if not found and not described:
            yield error(source, cls, 'timeframe is missing: write the length of a candle, such as `timeframe = "1h"`.')
        for there, value in found:
            written = constants(project, there, value)
            if len(written) != 1 or not isinstance(written[0], str):
                yield error(there, value, 'timeframe must be written out, such as `timeframe = "1h"`.')
            elif written[0] not in TIMEFRAMES:
                yield error(
                    there, value, f"timeframe {written[0][:20]!r} is not known: use one of {', '.join(TIMEFRAMES)}."
                )
            elif described and described != written[0]:
                yield error(
                    there,
                    value,
                    f"strategy.py says timeframe {written[0]!r} and {DESCRIPTION_FILE} {described!r}: make them agree.",
                )


def parameters_file(project: Project) -> Iterator[Trouble]:
    """strategy.json is what hyperopt writes, for this class, with a stop loss that makes sense."""
    content = project.candidate.files.get(PARAMETERS_FILE)
    if content is None:
        return
    try:
        parsed = json.loads(content.decode())
    except json.JSONDecodeError as problem:
        yield Trouble(Place(PARAMETERS_FILE, problem.lineno, problem.colno), f"This is not valid JSON: {problem.msg}.")
        return
    except (ValueError, RecursionError):
        yield Trouble(Place(PARAMETERS_FILE, 1, 1), "This is not JSON in UTF-8: write it with hyperopt.")
        return
    if not isinstance(parsed, dict) or not isinstance(parsed.get("params"), dict):
        yield Trouble(
            Place(PARAMETERS_FILE, 1, 1), "This is not what hyperopt writes: an object with strategy_name and params."
        )
        return
    wanted = project.candidate.spec.class_name
    if parsed.get("strategy_name") != wanted:
        told = str(parsed.get("strategy_name"))[:80]
        yield Trouble(
            Place(PARAMETERS_FILE, 1, 1),
            f"strategy_name is {told}, but the class is {wanted}: freqtrade would refuse it.",
        )
    section = parsed["params"].get("stoploss")
    value = section.get("stoploss") if isinstance(section, dict) else section
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not -1 < value < 0):
        yield Trouble(
            Place(PARAMETERS_FILE, 1, 1),
            "The stoploss in strategy.json must be a number between -1 and 0, such as -0.1.",
        )


def _named(project: Project) -> Iterator[tuple[Source, ast.ClassDef]]:
    cls = the_class(project)
    if cls is not None and project.strategy is not None:
        yield project.strategy, cls


def _judge_stoploss(project: Project, source: Source, value: ast.expr) -> Iterator[Trouble]:
    written = constants(project, source, value)
    if len(written) != 1 or isinstance(written[0], bool) or not isinstance(written[0], int | float):
        yield error(
            source,
            value,
            "stoploss must be written out as a number, such as `stoploss = -0.1`; move it in custom_stoploss.",
        )
    elif not -1 < written[0] < 0:
        yield error(
            source,
            value,
            f"stoploss {written[0]:g} is not between -1 and 0: it is a loss as a ratio, such as `stoploss = -0.1` for 10 %.",
        )
    elif written[0] < WIDE_STOPLOSS:
        yield warn(
            source,
            value,
            f"stoploss {written[0]:g} lets a trade lose {-written[0] * 100:.0f} %: is custom_stoploss or an exit always there?",
        )


def _defined_names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        yield from (target.id for target in statement.targets if isinstance(target, ast.Name))
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id


def attribute_values(project: Project, name: str) -> list[Where]:
    """What the strategy class's attribute is assigned."""
    return [where for source, cls in _named(project) for where in class_attribute(project, source, cls, name)]
