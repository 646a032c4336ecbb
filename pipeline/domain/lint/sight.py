"""Where code sees whole columns, and where it sees a window of them only."""

import ast
from collections import defaultdict, deque

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.kinds import POPULATE, WINDOWS, is_informative
from pipeline.domain.lint.paths import own_function
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.source import Source


def see_whole_columns(project: Project) -> frozenset[ast.AST]:
    """The functions that are handed whole columns: `populate_*`, those marked @informative, and what they call.

    In a backtest these see the future; in the other callbacks the last row is the present.
    """
    names = deque(POPULATE)
    for source in project.code:
        names.extend(function.name for function in source.all(ast.FunctionDef) if is_informative(function))
    called: dict[ast.AST, set[str]] = defaultdict(set)
    for source in project.code:
        for call in source.all(ast.Call):
            name = own_function(project, source, call)
            for function in source.functions(call) if name else ():
                called[function].add(name)
    seen: set[ast.AST] = set()
    asked: set[str] = set()
    while names:
        name = names.popleft()
        if name not in asked:
            asked.add(name)
            for _, function in project.defined(name):
                seen.add(function)
                names.extend(called[function])
    return frozenset(seen)


def applied_to_windows(project: Project) -> frozenset[ast.AST]:
    """The functions and lambdas that `rolling(...).apply` and its like call: they see a window, not a column."""
    found: set[ast.AST] = set()
    for source in project.code:
        for call in source.all(ast.Call):
            if _applies(call):
                for given in call.args:
                    if isinstance(given, ast.Lambda):
                        found.add(given)
                    elif last_name(given):
                        found.update(function for _, function in project.defined(last_name(given)))
    return frozenset(found)


def in_populate(project: Project, source: Source, node: ast.AST) -> bool:
    """Whether a node lies in a function that sees whole columns, and not in one that is applied to a rolling window."""
    for function in source.functions(node):
        if function in project.windowed:
            return False
        if function in project.whole:
            return True
    return False


def _applies(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("apply", "agg", "aggregate"):
        return False
    below: ast.expr = call.func.value
    while isinstance(below, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(below, ast.Call):
            if last_name(below.func) in WINDOWS:
                return True
            below = below.func
        else:
            below = below.value
    return False
