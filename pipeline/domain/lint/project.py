"""All Python files of one strategy with what the rules ask about them."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pipeline.domain.lint.bindings import Bindings, bind, last_name
from pipeline.domain.lint.source import NamedFunction, Scope, Source
from pipeline.domain.strategy import STRATEGY_FILE, TEST_FILE, Candidate

Where = tuple[Source, ast.expr]
"""An expression and the file it stands in."""

Constant = int | float | str | bool | None
"""A value that is written out."""


MIN_STEPS = 400_000
STEPS_PER_NODE = 20
"""How many expressions may be followed for one strategy; written by hand, none comes near."""


class Kind(Enum):
    """What an expression holds, in terms of candles."""

    FRAME = "frame"
    COLUMN = "column"
    WINDOW = "window"
    GROUP = "group"
    RESAMPLED = "resampled"


class Budget:
    """Counts the steps of following names, so that code made to be endless to follow ends."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True, slots=True, eq=False)
class Project:
    """One strategy's readable files with what the rules ask about all of them at once.

    `calls`: the calls of each name. `whole`: the functions that are handed whole columns; `windowed`: those applied to a rolling window.
    The rest remembers what was found out about an expression or a name; `constants` and `settings` by how far away it was asked for.
    """

    candidate: Candidate
    sources: tuple[Source, ...]
    bindings: Mapping[Source, Bindings]
    calls: Mapping[str, list[tuple[Source, ast.Call]]]
    allowed_imports: frozenset[str] = frozenset()
    requirements: Mapping[str, str] = field(default_factory=dict)
    budget: Budget = field(default_factory=lambda: Budget(MIN_STEPS))
    whole: frozenset[ast.AST] = frozenset()
    windowed: frozenset[ast.AST] = frozenset()
    kinds: dict[ast.expr, Kind | None] = field(default_factory=dict)
    paths: dict[ast.expr, tuple[str, ...]] = field(default_factory=dict)
    foreign: dict[ast.expr, tuple[Source, ast.Call] | None] = field(default_factory=dict)
    names: dict[tuple[Scope, str], list[Where]] = field(default_factory=dict)
    constants: dict[tuple[ast.expr, int], tuple[Constant, ...]] = field(default_factory=dict)
    settings: dict[tuple[ast.expr, int], bool] = field(default_factory=dict)

    @property
    def strategy(self) -> Source | None:
        return next((source for source in self.sources if source.file == STRATEGY_FILE), None)

    @property
    def code(self) -> tuple[Source, ...]:
        """What trades: every file but the tests."""
        return tuple(source for source in self.sources if source.file != TEST_FILE)

    def module(self, name: str) -> Source | None:
        """The strategy's own file behind a module's name."""
        return next((source for source in self.sources if source.module == name), None)

    def defined(self, name: str) -> Iterator[tuple[Source, NamedFunction]]:
        """The functions and methods of this name in the code."""
        for source in self.code:
            for node in self.bindings[source].definitions.get(name, ()):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield source, node


def assemble(
    candidate: Candidate, sources: Iterable[Source], allowed_imports: frozenset[str], requirements: Mapping[str, str]
) -> Project:
    """Read bindings and calls once, for all rules."""
    ordered = tuple(sources)
    bindings = {source: bind(source) for source in ordered}
    calls: dict[str, list[tuple[Source, ast.Call]]] = defaultdict(list)
    for source in ordered:
        for call in source.all(ast.Call):
            name = last_name(call.func)
            imported = bindings[source].imports.get(name, "") if isinstance(call.func, ast.Name) else ""
            calls[imported.rpartition(".")[2] or name].append((source, call))
    steps = max(MIN_STEPS, STEPS_PER_NODE * sum(len(source.nodes) for source in ordered))
    return Project(candidate, ordered, bindings, calls, allowed_imports, requirements, Budget(steps))


def words(text: str) -> frozenset[str]:
    """A set of names, written as one text."""
    return frozenset(text.split())
