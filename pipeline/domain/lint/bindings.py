"""Who binds which name to what in one file."""

import ast
import builtins
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.domain.lint.source import Function, NamedFunction, Scope, Source

MOST_ELEMENTS = 64
"""So many elements of a list that a loop runs over are looked at."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """What names stand for in one file.

    `names`: scope and name -> the expressions assigned to it. `attributes`: class and attribute -> expressions assigned in its body or
    through `self`. `augmented`: scope and name -> `+=` and its like. `imports`: name -> dotted path; `stars`: modules imported with *.
    `definitions`: functions and classes by name; `returns`: what functions return. `bound`: every name that the file binds in any way, and
    the builtins.
    """

    names: Mapping[tuple[Scope, str], list[ast.expr]]
    attributes: Mapping[tuple[ast.ClassDef, str], list[ast.expr]]
    augmented: Mapping[tuple[Scope, str], list[ast.AugAssign]]
    imports: Mapping[str, str]
    stars: tuple[str, ...]
    definitions: Mapping[str, list[NamedFunction | ast.ClassDef]]
    returns: Mapping[ast.AST, list[ast.expr]]
    bound: frozenset[str]


def bind(source: Source) -> Bindings:
    """Read one file's bindings."""
    names, attributes = _assignments(source)
    augmented: dict[tuple[Scope, str], list[ast.AugAssign]] = defaultdict(list)
    for node in source.all(ast.AugAssign):
        if isinstance(node.target, ast.Name):
            augmented[source.scope(node), node.target.id].append(node)
    definitions: dict[str, list[NamedFunction | ast.ClassDef]] = defaultdict(list)
    for definition in source.nodes:
        if isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            definitions[definition.name].append(definition)
    returns: dict[ast.AST, list[ast.expr]] = defaultdict(list)
    for statement in source.all(ast.Return):
        if statement.value is not None:
            returns[source.scope(statement)].append(statement.value)
    imports, stars = _imports(source)
    bound = {node.id for node in source.all(ast.Name) if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in source.all(ast.arg)} | set(definitions) | set(imports) | set(dir(builtins))
    return Bindings(names, attributes, augmented, imports, stars, definitions, returns, frozenset(bound))


def imported_from(source: Source, node: ast.ImportFrom) -> str:
    """The absolute name of the module that a from-import names."""
    if not node.level:
        return node.module or ""
    above = source.module.split(".")
    above = above[: len(above) - node.level + (1 if source.is_package else 0)]
    return ".".join((*above, *((node.module,) if node.module else ())))


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c` and of `c`, otherwise nothing."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_self(node: ast.AST) -> bool:
    """`self` or `cls`."""
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def parameters(function: Function) -> tuple[ast.arg, ...]:
    """A function's named parameters, positional ones first."""
    arguments = function.args
    return (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)


def _assignments(
    source: Source,
) -> tuple[dict[tuple[Scope, str], list[ast.expr]], dict[tuple[ast.ClassDef, str], list[ast.expr]]]:
    names: dict[tuple[Scope, str], list[ast.expr]] = defaultdict(list)
    attributes: dict[tuple[ast.ClassDef, str], list[ast.expr]] = defaultdict(list)
    for node in source.nodes:
        scope = source.scope(node)
        for target, value in _assigned(node):
            if isinstance(target, ast.Name):
                names[scope, target.id].append(value)
                if isinstance(scope, ast.ClassDef):
                    attributes[scope, target.id].append(value)
            elif isinstance(target, ast.Attribute) and is_self(target.value):
                owner = source.class_around(node)
                if owner is not None:
                    attributes[owner, target.attr].append(value)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for name, value in _defaults(node):
                names[node, name].append(value)
    return names, attributes


def _imports(source: Source) -> tuple[dict[str, str], tuple[str, ...]]:
    imports: dict[str, str] = {}
    stars: list[str] = []
    for node in source.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                imports[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            base = imported_from(source, node)
            imports |= {alias.asname or alias.name: f"{base}.{alias.name}" for alias in node.names if alias.name != "*"}
            stars += [base for alias in node.names if alias.name == "*"]
    return imports, tuple(stars)


def _defaults(function: Function) -> Iterator[tuple[str, ast.expr]]:
    """Parameters that have a default, and the default."""
    arguments = function.args
    positional = (*arguments.posonlyargs, *arguments.args)
    for parameter, value in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        yield parameter.arg, value
    for parameter, given in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if given is not None:
            yield parameter.arg, given


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Targets and the expressions that a statement binds to them, tuples taken apart; a loop binds each element of a literal."""
    pairs: deque[tuple[ast.expr, ast.expr]] = deque()
    if isinstance(node, ast.Assign):
        pairs.extend((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        pairs.append((node.target, node.value))
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        pairs.extend((node.target, element) for element in _elements(node.iter))
    while pairs:
        target, value = pairs.popleft()
        if isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                pairs.extend(zip(target.elts, value.elts, strict=True))
        else:
            yield target, value


def _elements(iterated: ast.expr) -> list[ast.expr]:
    if isinstance(iterated, ast.Tuple | ast.List | ast.Set):
        return iterated.elts[:MOST_ELEMENTS]
    if isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Name) and iterated.func.id == "range":
        # Where a range begins and ends tells the sign of what it runs through.
        if len(iterated.args) == 3:
            start, stop, step = iterated.args
            return [start, ast.copy_location(ast.BinOp(stop, ast.Sub(), step), stop)]
        return iterated.args[:1] if len(iterated.args) == 2 else []
    return []
