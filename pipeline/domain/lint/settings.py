"""What code reads of freqtrade's configuration, and what it changes there, under whatever name."""

import ast

from pipeline.domain.lint.bindings import last_name
from pipeline.domain.lint.constants import texts
from pipeline.domain.lint.follow import argument, origins
from pipeline.domain.lint.paths import callees
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.source import Source

MAX_NESTING = 8
"""The configuration is not nested deeper."""

_CHANGES = frozenset({"update", "pop", "popitem", "setdefault", "clear"})
_READS = frozenset({"get", "pop", "setdefault"})
_ALL = frozenset({"items", "values", "copy"})


def keys_read(project: Project, source: Source, node: ast.expr) -> tuple[str, ...]:
    """The keys that a subscript, `.get()` or its like, or `itemgetter()` reads from the configuration."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return texts(project, source, node.slice) if is_config(project, source, node.value) else ()
    if not isinstance(node, ast.Call):
        return ()
    if isinstance(node.func, ast.Call) and last_name(node.func.func) == "itemgetter" and node.args:
        asked = node.func.args if is_config(project, source, node.args[0]) else []
        return tuple(text for value in asked for text in texts(project, source, value))
    key = argument(node, 0, "key")
    for there, callee in callees(project, source, node) if key is not None else ():
        if isinstance(callee, ast.Attribute) and callee.attr in _READS and is_config(project, there, callee.value):
            return texts(project, source, key) if key is not None else ()
    return ()


def changes(project: Project, source: Source, node: ast.expr) -> str:
    """How an expression changes the configuration, in words; nothing where it does not."""
    if (
        isinstance(node, ast.Subscript)
        and not isinstance(node.ctx, ast.Load)
        and is_config(project, source, node.value)
    ):
        return "The configuration is decided by the environment: a strategy reads it and does not change it."
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _CHANGES:
        return ""
    if not is_config(project, source, node.func.value):
        return ""
    return f"config.{node.func.attr}() changes what the environment decides: a strategy only reads the configuration."


def reads_all(project: Project, source: Source, call: ast.Call) -> bool:
    """Whether a call takes the configuration as a whole, with everything in it."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _ALL:
        return False
    held = origins(project, source, call.func.value)
    return any(_is_itself(there, origin) for there, origin in held)


def is_config(project: Project, source: Source, node: ast.expr, depth: int = 0) -> bool:
    """`self.config`, the parameter `config` of __init__, and what they hold."""
    if depth > MAX_NESTING:
        return False
    key = node, depth
    if key not in project.settings:
        asked = origins(project, source, node)
        project.settings[key] = any(_holds_config(project, there, origin, depth) for there, origin in asked)
    return project.settings[key]


def _holds_config(project: Project, source: Source, origin: ast.expr, depth: int) -> bool:
    if isinstance(origin, ast.Subscript):
        return is_config(project, source, origin.value, depth + 1)
    if isinstance(origin, ast.Call) and isinstance(origin.func, ast.Attribute) and last_name(origin.func) == "get":
        return is_config(project, source, origin.func.value, depth + 1)
    return _is_itself(source, origin)


def _is_itself(source: Source, origin: ast.expr) -> bool:
    if isinstance(origin, ast.Attribute):
        return origin.attr in ("config", "_config")
    if isinstance(origin, ast.Name):
        in_init = any(getattr(function, "name", "") == "__init__" for function in source.functions(origin))
        return origin.id == "config" and in_init
    return False
