"""What a strategy says of itself, read from its text without running it."""

import ast
from dataclasses import dataclass

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import constants
from pipeline.domain.lint.follow import base_classes, class_attribute
from pipeline.domain.lint.paths import dotted
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.source import Source
from pipeline.domain.timeframes import looks_like_timeframe

STRATEGY_CLASS = "IStrategy"


@dataclass(frozen=True, slots=True)
class StrategyFacts:
    """None and empty where the text does not say.

    `class_names`: the classes of strategy.py that derive from IStrategy, in order. The rest is about the class that strategy.yml names, or
    the only one. `timeframes`: every timeframe that the code mentions, its own included. `title`: the first line of the class's docstring.
    """

    class_names: tuple[str, ...] = ()
    timeframe: str | None = None
    startup_candle_count: int | None = None
    can_short: bool | None = None
    interface_version: int | None = None
    timeframes: frozenset[str] = frozenset()
    title: str = ""


def read_facts(project: Project) -> StrategyFacts:
    """The facts of a strategy whose files could be read."""
    source = project.strategy
    if source is None:
        return StrategyFacts()
    classes = strategy_classes(project, source)
    named = the_class(project)
    mentioned = frozenset(
        node.value
        for there in project.code
        for node in there.all(ast.Constant)
        if isinstance(node.value, str) and looks_like_timeframe(node.value)
    )
    names = tuple(cls.name for cls in classes)
    if named is None:
        return StrategyFacts(class_names=names, timeframes=mentioned)
    return StrategyFacts(
        class_names=names,
        timeframe=_text(project, source, named, "timeframe"),
        startup_candle_count=_number(project, source, named, "startup_candle_count"),
        can_short=_flag(project, source, named, "can_short"),
        interface_version=_number(project, source, named, "INTERFACE_VERSION"),
        timeframes=mentioned,
        title=((ast.get_docstring(named) or ast.get_docstring(source.tree) or "").strip().splitlines() or [""])[
            0
        ].strip(),
    )


def strategy_classes(project: Project, source: Source) -> tuple[ast.ClassDef, ...]:
    """The classes at the top of a file that derive from IStrategy, directly or through other classes of the strategy's files."""
    return tuple(node for node in source.all(ast.ClassDef) if _derives(project, source, node, 0))


def the_class(project: Project) -> ast.ClassDef | None:
    """The class that strategy.yml names, else the only strategy class there is."""
    if project.strategy is None:
        return None
    classes = strategy_classes(project, project.strategy)
    named = [cls for cls in classes if cls.name == project.candidate.spec.class_name]
    return named[0] if named else classes[0] if len(classes) == 1 else None


def is_strategy_class(project: Project, source: Source, node: ast.expr) -> bool:
    """Whether an expression means freqtrade's IStrategy."""
    paths = dotted(project, source, node)
    return any(path.startswith("freqtrade.") and path.endswith(f".{STRATEGY_CLASS}") for path in paths)


def _derives(project: Project, source: Source, cls: ast.ClassDef, depth: int) -> bool:
    if any(
        is_strategy_class(project, source, base)
        or (not _is_known(project, source, base) and last_name(base) == STRATEGY_CLASS)
        for base in cls.bases
    ):
        return True
    return depth < 16 and any(
        _derives(project, there, base, depth + 1) for there, base in base_classes(project, source, cls)
    )


def _is_known(project: Project, source: Source, base: ast.expr) -> bool:
    """Whether a base class is imported or defined in the file."""
    return bool(dotted(project, source, base)) or last_name(base) in project.bindings[source].definitions


def _values(project: Project, source: Source, cls: ast.ClassDef, name: str) -> set[object]:
    return {
        value
        for there, expression in class_attribute(project, source, cls, name)
        for value in constants(project, there, expression)
    }


def _text(project: Project, source: Source, cls: ast.ClassDef, name: str) -> str | None:
    found = [value for value in _values(project, source, cls, name) if isinstance(value, str)]
    return found[0] if len(found) == 1 else None


def _number(project: Project, source: Source, cls: ast.ClassDef, name: str) -> int | None:
    found = [
        value for value in _values(project, source, cls, name) if isinstance(value, int) and not isinstance(value, bool)
    ]
    return found[0] if len(found) == 1 else None


def _flag(project: Project, source: Source, cls: ast.ClassDef, name: str) -> bool | None:
    found = [value for value in _values(project, source, cls, name) if isinstance(value, bool)]
    return found[0] if len(found) == 1 else None
