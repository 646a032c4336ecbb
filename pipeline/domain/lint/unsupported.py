"""Rules on what the train does not carry yet: short positions, futures, leverage, FreqAI."""

import ast
import re
from collections.abc import Iterator

from pipeline.domain.lint.constants import constants
from pipeline.domain.lint.facts import the_class
from pipeline.domain.lint.paths import dotted
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.source import Source
from pipeline.domain.lint.structure import attribute_values

_FUTURES_PAIR = re.compile(r"[A-Z0-9]{1,20}/[A-Z0-9]{1,20}:[A-Z0-9]{1,20}")
_FUTURES_CANDLES = frozenset({"futures", "mark", "index", "premiumIndex", "funding_rate"})
_FREQAI_METHODS = re.compile(r"feature_engineering_\w+|set_freqai_targets|populate_any_indicators")
_NOT_YET = "is not supported yet: the train carries long positions on spot markets"
_NO_FREQAI = (
    "belongs to FreqAI, which is not supported yet: a bundle must hold all that decides, and a model is trained later"
)


def shorts_and_futures(project: Project) -> Iterator[Trouble]:
    """Selling what one does not own, contracts instead of coins, and borrowed money."""
    for source, value in attribute_values(project, "can_short"):
        written = constants(project, source, value)
        if any(written):
            yield error(source, value, f"can_short = True {_NOT_YET}; write `can_short = False`.")
        elif not written:
            told = "can_short must be written out: write `can_short = False`; short positions are not supported yet."
            yield error(source, value, told)
    cls = the_class(project)
    for statement in cls.body if cls is not None else ():
        name = getattr(statement, "name", "")
        if name in ("leverage", "can_short") and project.strategy is not None:
            yield error(project.strategy, statement, f"{name}() {_NOT_YET}, without leverage; remove the method.")
    for source in project.code:
        yield from _futures(project, source)


def freqai(project: Project) -> Iterator[Trouble]:
    """Models that are trained while the bot runs."""
    for source in project.code:
        for node in source.nodes:
            if isinstance(node, ast.Attribute) and node.attr in ("freqai", "freqai_info"):
                yield error(source, node, f"{node.attr} {_NO_FREQAI}.")
            elif isinstance(node, ast.FunctionDef) and _FREQAI_METHODS.fullmatch(node.name):
                yield error(source, node, f"{node.name}() {_NO_FREQAI}.")
            elif isinstance(node, ast.Name) and any("freqai" in path for path in dotted(project, source, node)):
                yield error(source, node, f"{node.id} {_NO_FREQAI}.")


def _futures(project: Project, source: Source) -> Iterator[Trouble]:
    for node in source.all(ast.Constant):
        if isinstance(node.value, str) and _FUTURES_PAIR.fullmatch(node.value):
            spot = node.value.partition(":")[0]
            yield error(
                source, node, f"{node.value} is a futures contract; this {_NOT_YET}; name the spot pair {spot}."
            )
        elif node.value in ("enter_short", "exit_short"):
            yield warn(source, node, f"{node.value!s} is never traded: short positions are not supported yet.")
    for keyword in source.all(ast.keyword):
        if keyword.arg == "candle_type" and any(
            c in _FUTURES_CANDLES for c in constants(project, source, keyword.value)
        ):
            yield error(source, keyword.value, f"These are candles of a futures market; this {_NOT_YET}.")
