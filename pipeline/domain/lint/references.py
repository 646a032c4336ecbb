"""Every place where code names something of an imported module, whether it calls it, hands it on or gives it another name."""

import ast
from collections.abc import Iterator

from pipeline.domain.lint.bindings import imported_from
from pipeline.domain.lint.paths import dotted
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.source import Source


def references(project: Project, source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Nodes with the dotted path that they mean: attributes (the whole chain, once), names, from-imports and `getattr(module, "name")`.

    A local name that stands for an imported thing is told where it is bound, not wherever it is used.
    """
    for node in source.nodes:
        if isinstance(node, ast.Attribute):
            parent = source.parent(node)
            if not isinstance(parent, ast.Attribute) or not dotted(project, source, parent):
                yield from ((node, path) for path in dotted(project, source, node))
        elif isinstance(node, ast.ImportFrom):
            base = imported_from(source, node)
            yield from ((alias, f"{base}.{alias.name}") for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            stars = project.bindings[source].stars
            if stars and node.id not in project.bindings[source].imports:
                yield from ((node, path) for path in dotted(project, source, node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            yield from ((node, path) for path in dotted(project, source, node))


def attribute_names(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every attribute that is named, with its node."""
    return ((node, node.attr) for node in source.all(ast.Attribute))
