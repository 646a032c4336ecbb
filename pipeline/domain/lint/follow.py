"""Following names: which expressions a name, an attribute of self or a dictionary's entry may stand for, as far as the text tells."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import is_self, last_name, parameters
from pipeline.domain.lint.project import Project, Where
from pipeline.domain.lint.source import Scope, Source

MAX_DEPTH = 12
"""How many names that stand for one another are followed."""

MAX_BRANCHES = 24
"""How many things one name may stand for."""

MOST_ORIGINS = 64
"""How many expressions are told at most."""

PARAMETERS = frozenset({"IntParameter", "DecimalParameter", "RealParameter", "CategoricalParameter"})
"""freqtrade's hyperopt parameters."""


def origins(project: Project, source: Source, node: ast.expr, depth: int = 0) -> Iterator[Where]:
    """The expressions that a name, attribute of self, dictionary entry or condition may stand for; itself where that is not known."""
    waiting = [(source, node, depth)]
    seen: set[ast.expr] = set()
    found = 0
    while waiting and found < MOST_ORIGINS:
        there, expression, far = waiting.pop()
        if expression in seen:
            continue
        seen.add(expression)
        follow = far <= MAX_DEPTH and project.budget.spend()
        ahead = _ahead(project, there, expression, far)[:MAX_BRANCHES] if follow else []
        waiting += [(where, further, far + 1) for where, further in reversed(ahead)]
        if not ahead:
            found += 1
            yield there, expression
    if not found:
        yield source, node


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """A call's argument by keyword or, failing that, by position (-1: keyword only)."""
    for keyword in call.keywords:
        if keyword.arg in names:
            return keyword.value
    if 0 <= position < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: position + 1]):
        return call.args[position]
    return None


def _ahead(project: Project, source: Source, node: ast.expr, depth: int) -> list[Where]:
    if isinstance(node, ast.Name):
        return _named(project, source, node)
    if isinstance(node, ast.Attribute):
        return _attribute(project, source, node, depth)
    if isinstance(node, ast.IfExp):
        return [(source, node.body), (source, node.orelse)]
    if isinstance(node, ast.NamedExpr):
        return [(source, node.value)]
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return [(source, value) for value in node.values]
    if isinstance(node, ast.Subscript):
        return _entry(project, source, node, depth)
    return []


def _named(project: Project, source: Source, node: ast.Name) -> list[Where]:
    key = source.scope(node), node.id
    if key not in project.names:
        project.names[key] = _look_up(project, source, *key)
    return project.names[key]


def _look_up(project: Project, source: Source, at: Scope, name: str) -> list[Where]:
    """What a name stands for in a scope: bound there, passed by callers, or bound further out, but not in the body of a class."""
    scope = at
    while True:
        if scope is at or not isinstance(scope, ast.ClassDef):
            found = _bound_in(project, source, scope, name)
            if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                found += _passed(project, source, scope, name)
                if any(p.arg == name for p in parameters(scope)):
                    return found
            if found:
                return found
        if isinstance(scope, ast.Module):
            break
        scope = source.scope(scope)
    module, _, name = project.bindings[source].imports.get(name, "").rpartition(".")
    return _in_module(project, module, name)


def _in_module(project: Project, module: str, name: str) -> list[Where]:
    """What a name stands for at the top of one of the strategy's own modules."""
    owner = project.module(module)
    if owner is None:
        return []
    return [(owner, value) for value in project.bindings[owner].names.get((owner.tree, name), [])[:MAX_BRANCHES]]


def _bound_in(project: Project, source: Source, scope: Scope, name: str) -> list[Where]:
    bindings = project.bindings[source]
    values = bindings.names.get((scope, name), [])[:MAX_BRANCHES]
    changed = bindings.augmented.get((scope, name), [])[:MAX_BRANCHES]
    return [(source, value) for value in (*values, *(_as_sum(one, value) for one in changed for value in values[:4]))]


def _as_sum(statement: ast.AugAssign, before: ast.expr) -> ast.expr:
    """`n -= 3` after `n = 1` as `1 - 3`."""
    return ast.copy_location(ast.BinOp(before, statement.op, statement.value), statement.value)


def _passed(project: Project, source: Source, function: Scope, name: str) -> list[Where]:
    """What callers within the strategy pass for a parameter."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    names = [p.arg for p in parameters(function)]
    if name not in names:
        return []
    method = isinstance(source.scope(function), ast.ClassDef) and names[0] in ("self", "cls")
    position = names.index(name) - (1 if method else 0)
    found: list[Where] = []
    for there, call in project.calls.get(function.name, [])[:MAX_BRANCHES]:
        value = argument(call, position, name)
        if value is not None:
            found.append((there, value))
    for there, call in project.calls.get("pipe", [])[:MAX_BRANCHES]:
        if call.args and last_name(call.args[0]) == function.name:
            value = argument(call, position, name) if position else _receiver(call)
            if value is not None:
                found.append((there, value))
    return found


def _receiver(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def _attribute(project: Project, source: Source, node: ast.Attribute, depth: int) -> list[Where]:
    """`self.x` and `Class.x` by the class and its bases; `parameter.value` as the parameter; `module.x` of the strategy's own package."""
    if node.attr == "value":
        return [
            (there, origin)
            for there, origin in origins(project, source, node.value, depth + 1)
            if isinstance(origin, ast.Call) and last_name(origin.func) in PARAMETERS
        ]
    if not isinstance(node.value, ast.Name):
        return []
    here = is_self(node.value)
    owner = source.class_around(node) if here else next(_classes(project, source, node.value.id), None)
    if owner is not None:
        return class_attribute(project, source, owner, node.attr)
    return _in_module(project, project.bindings[source].imports.get(node.value.id, ""), node.attr)


def _classes(project: Project, source: Source, name: str) -> Iterator[ast.ClassDef]:
    return (d for d in project.bindings[source].definitions.get(name, ()) if isinstance(d, ast.ClassDef))


def class_attribute(project: Project, source: Source, owner: ast.ClassDef, name: str) -> list[Where]:
    """What a class's attribute is assigned, in its own body or through self, else in its bases in the strategy's files."""
    seen: set[ast.ClassDef] = set()
    waiting: list[tuple[Source, ast.ClassDef]] = [(source, owner)]
    while waiting:
        there, cls = waiting.pop(0)
        if cls in seen or len(seen) > MAX_BRANCHES:
            continue
        seen.add(cls)
        values = project.bindings[there].attributes.get((cls, name))
        if values:
            return [(there, value) for value in values]
        waiting += base_classes(project, there, cls)
    return []


def base_classes(project: Project, source: Source, cls: ast.ClassDef) -> list[tuple[Source, ast.ClassDef]]:
    """A class's bases that are written in the strategy's own files."""
    found: list[tuple[Source, ast.ClassDef]] = []
    imports = project.bindings[source].imports
    for base in cls.bases[:MAX_BRANCHES]:
        if isinstance(base, ast.Name) and base.id not in imports:
            found += [(source, owner) for owner in _classes(project, source, base.id) if owner is not cls]
            continue
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            path = f"{imports.get(base.value.id, '')}.{base.attr}"
        else:
            path = imports.get(base.id, "") if isinstance(base, ast.Name) else ""
        module = project.module(path.rpartition(".")[0])
        if module is not None:
            found += [(module, owner) for owner in _classes(project, module, path.rpartition(".")[2])]
    return found


def _entry(project: Project, source: Source, node: ast.Subscript, depth: int) -> list[Where]:
    """An entry of a dictionary, list or tuple that is written out; any of them where the key is not."""
    if not isinstance(node.slice, ast.Constant | ast.UnaryOp | ast.Name):
        return []
    found: list[Where] = []
    for there, origin in origins(project, source, node.value, depth + 1):
        if isinstance(origin, ast.Dict):
            found += [(there, v) for k, v in zip(origin.keys, origin.values, strict=True) if _may_equal(k, node.slice)]
        elif isinstance(origin, ast.List | ast.Tuple):
            found += [(there, value) for value in origin.elts if not isinstance(value, ast.Starred)]
    return found


def _may_equal(key: ast.expr | None, asked: ast.expr) -> bool:
    return not isinstance(key, ast.Constant) or not isinstance(asked, ast.Constant) or key.value == asked.value
