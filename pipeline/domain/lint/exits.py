"""The rule on ending the process: a strategy that stops leaves its trades to nobody, and its judge without an answer."""

import ast
import re
from collections.abc import Iterator

from pipeline.domain.lint.bindings import parameters
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.references import references
from pipeline.domain.lint.rule import Trouble, error
from pipeline.domain.lint.source import Scope, Source

_STOPS = frozenset({"SystemExit", "KeyboardInterrupt"})
_BUILTINS = frozenset({"exit", "quit"})
_PATHS = re.compile(
    r"(?:.*\.)?(?:sys\.exit|(?:os|posix)\.(?:_exit|abort|kill|killpg)|builtins\.(?:exit|quit|SystemExit))|signal\.\w+"
)
_INSTEAD = "a strategy that cannot decide returns no signal, or lets the error through"


def ends_the_process(project: Project) -> Iterator[Trouble]:
    """`raise SystemExit`, exit(), quit(), sys.exit, os._exit and whatever else takes the whole process along."""
    for source in project.sources:
        bound = project.bindings[source]
        for name in source.all(ast.Name):
            if name.id not in _STOPS | _BUILTINS or not isinstance(name.ctx, ast.Load):
                continue
            if bound.definitions.get(name.id) or name.id in bound.imports or _is_variable(source, name):
                continue
            if name.id in _BUILTINS or not _is_awaited(source, name):
                yield error(source, name, f"{name.id} ends the bot and its judge alike: {_INSTEAD}.")
        for node, path in references(project, source):
            if _PATHS.fullmatch(path):
                yield error(source, node, f"{path[:80]} ends the bot and its judge alike: {_INSTEAD}.")


def _is_awaited(source: Source, name: ast.Name) -> bool:
    """Whether an exception is named to be caught: in `except`, or by a test that expects it."""
    for above in source.ancestors(name):
        if isinstance(above, ast.ExceptHandler):
            return above.type is name or (isinstance(above.type, ast.Tuple) and name in above.type.elts)
        if isinstance(above, ast.Call):
            return isinstance(above.func, ast.Attribute) and above.func.attr == "raises"
        if isinstance(above, ast.stmt):
            return False
    return False


def _is_variable(source: Source, name: ast.Name) -> bool:
    """Whether a builtin's name stands for something else there, such as after `exit = dataframe["close"] < stop`."""
    scopes: list[Scope] = [source.scope(name)]
    while not isinstance(scopes[-1], ast.Module):
        scopes.append(source.scope(scopes[-1]))
    functions = [scope for scope in scopes if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
    if any(parameter.arg == name.id for function in functions for parameter in parameters(function)):
        return True
    stored = (one for one in source.all(ast.Name) if one.id == name.id and isinstance(one.ctx, ast.Store))
    return any(source.scope(one) in scopes for one in stored)
