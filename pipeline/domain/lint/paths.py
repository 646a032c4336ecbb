"""What imported thing an expression means, under whatever name: dotted paths, callees, and the strategy's own functions."""

import ast

from pipeline.domain.lint.bindings import is_self, last_name, parameters
from pipeline.domain.lint.constants import texts
from pipeline.domain.lint.follow import MAX_BRANCHES, origins
from pipeline.domain.lint.project import Project, Where
from pipeline.domain.lint.source import Source

MAX_CHAIN = 40
"""How many links of a chain of attributes and calls are followed."""

MAX_PATH = 400
"""No dotted path of a real library is longer."""


def dotted(project: Project, source: Source, node: ast.expr, depth: int = 0) -> tuple[str, ...]:
    """The dotted paths, from the module's real name on, that an expression may mean: `pd.read_csv` is `pandas.read_csv`."""
    known = project.paths.get(node)
    if known is not None:
        return known
    if depth > MAX_CHAIN or not project.budget.spend():
        return ()
    project.paths[node] = ()  # An expression that leads back to itself means nothing more.
    found: list[str] = []
    for there, origin in origins(project, source, node):
        if isinstance(origin, ast.Name):
            if not any(p.arg == origin.id for function in there.functions(origin) for p in parameters(function)):
                found += _imported(project, there, origin.id)
        elif isinstance(origin, ast.Attribute):
            found += [f"{base}.{origin.attr}" for base in dotted(project, there, origin.value, depth + 1)]
        elif isinstance(origin, ast.Call) and last_name(origin.func) == "getattr" and len(origin.args) >= 2:
            names = texts(project, there, origin.args[1])
            found += [f"{base}.{name}" for base in dotted(project, there, origin.args[0], depth + 1) for name in names]
    project.paths[node] = tuple(dict.fromkeys(path for path in found if len(path) < MAX_PATH))[:MAX_BRANCHES]
    return project.paths[node]


def callees(project: Project, source: Source, call: ast.Call) -> tuple[Where, ...]:
    """The expressions that a call may call, aliases and `getattr(x, "name")` followed: the latter as the attribute it means."""
    found: list[Where] = []
    for there, origin in origins(project, source, call.func):
        named: list[Where] = []
        if isinstance(origin, ast.Call) and last_name(origin.func) == "getattr" and len(origin.args) >= 2:
            named = [(there, _attribute_of(origin, name)) for name in texts(project, there, origin.args[1])]
        found += named or [(there, origin)]
    return tuple(found)


def _attribute_of(call: ast.Call, name: str) -> ast.Attribute:
    """`getattr(x, "name")` as `x.name`, at the same place."""
    return ast.copy_location(ast.Attribute(value=call.args[0], attr=name, ctx=ast.Load()), call)


def own_function(project: Project, source: Source, call: ast.Call) -> str:
    """The name of the strategy's own function that a call means, through self, super(), a class or a module of its own; else nothing.

    A function that is handed to pipe() is called, too.
    """
    called = call.func
    if isinstance(called, ast.Attribute) and called.attr == "pipe" and call.args:
        called = call.args[0]
    if isinstance(called, ast.Name):
        return next((path.rsplit(".", 1)[-1] for path in _imported(project, source, called.id)), called.id)
    if not isinstance(called, ast.Attribute):
        return ""
    receiver = called.value
    if is_self(receiver) or _is_super(receiver):
        return called.attr
    if isinstance(receiver, ast.Name) and any(receiver.id in project.bindings[s].definitions for s in project.code):
        return called.attr
    return called.attr if any(project.module(path) for path in dotted(project, source, receiver)) else ""


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _imported(project: Project, source: Source, name: str) -> list[str]:
    bindings = project.bindings[source]
    if name in bindings.imports:
        return [bindings.imports[name]]
    if name in bindings.bound:
        return []
    return [f"{module}.{name}" for module in bindings.stars]
