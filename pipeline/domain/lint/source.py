"""A Python file as the rules see it: text, tree, and for each node its parent; or the finding that says why it cannot be read."""

import ast
import io
import re
import tokenize
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard, TypeVar, overload

from pipeline.domain.verdict import Place

MAX_NODES = 250_000
"""More nodes than any strategy written by hand; reading them would take minutes."""

MAX_DEPTH = 200
"""How deep a tree may be nested; deeper ones are made to exhaust whoever reads them."""

First = TypeVar("First", bound=ast.AST)
Second = TypeVar("Second", bound=ast.AST)
NamedFunction = ast.FunctionDef | ast.AsyncFunctionDef
Function = NamedFunction | ast.Lambda
Scope = Function | ast.ClassDef | ast.Module

_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class Unreadable(Exception):
    """A file that is not Python in UTF-8; says why and where."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One parsed file.

    `file` is relative to the strategy's folder and `module` the name it is imported by; `nodes` are in the order of the text, `types` the
    same by their type.
    """

    file: str
    module: str
    lines: tuple[str, ...]
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    parents: dict[ast.AST, ast.AST]
    scopes: dict[ast.AST, Scope]
    types: dict[type[ast.AST], list[ast.AST]]

    @property
    def is_package(self) -> bool:
        return self.file.endswith("/__init__.py")

    @overload
    def all(self, one: type[First]) -> Iterator[First]: ...

    @overload
    def all(self, one: type[First], other: type[Second]) -> Iterator[First | Second]: ...

    def all(self, one: type[First], other: type[Second] | None = None) -> Iterator[First | Second]:
        """The nodes of one or two types, each in order; subclasses are types of their own."""
        for node in self.types.get(one, ()):
            assert isinstance(node, one)
            yield node
        for node in self.types.get(other, ()) if other is not None else ():
            assert other is not None
            assert isinstance(node, other)
            yield node

    def place(self, node: ast.AST) -> Place:
        """Where a node begins; columns count characters from 1, as editors do, not UTF-8 bytes."""
        line, offset = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        if not 0 < line <= len(self.lines):
            return Place(self.file)
        return Place(self.file, line, len(self.lines[line - 1].encode()[:offset].decode(errors="replace")) + 1)

    def text(self, node: ast.expr) -> str:
        """An expression as it is written; of one that goes over several lines the first."""
        line = self.lines[node.lineno - 1].encode() if 0 < node.lineno <= len(self.lines) else b""
        end = node.end_col_offset if node.end_lineno == node.lineno else None
        return line[node.col_offset : end].decode(errors="replace").strip()

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self.parents.get(node)

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Parent, its parent, and so on up to the module."""
        above = self.parents.get(node)
        while above is not None:
            yield above
            above = self.parents.get(above)

    def scope(self, node: ast.AST) -> Scope:
        """The function, class or module whose names a node uses; a function's own defaults and decorators belong to the scope around it."""
        return self.scopes.get(node, self.tree)

    def functions(self, node: ast.AST) -> Iterator[Function]:
        """The functions that a node lies in, innermost first."""
        for above in self.ancestors(node):
            if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield above

    def class_around(self, node: ast.AST) -> ast.ClassDef | None:
        """The innermost class that a node lies in."""
        return next((above for above in self.ancestors(node) if isinstance(above, ast.ClassDef)), None)


def parse(file: str, content: bytes) -> Source:
    """Read one file.

    Raises:
        Unreadable: it is not UTF-8, declares another encoding, holds null bytes or text that displays in another order than it runs,
            is no Python, or is nested too deep or too large to be read.
    """
    text = _decode(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(f"this is not valid Python: {error.msg}", error.lineno or 1, error.offset or 1) from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable("the code is nested too deep to be read: split it into statements", 1, 1) from error
    except (ValueError, OverflowError) as error:
        raise Unreadable("this is not valid Python", 1, 1) from error
    nodes, parents, scopes = _flatten(tree)
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    types: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
    for node in nodes:
        types[type(node)].append(node)
    return Source(file, module, tuple(text.split("\n")), tree, nodes, parents, scopes, types)


def comments(source: Source) -> Iterator[tuple[int, int, str]]:
    """Each comment with its line and column from 1."""
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(source.lines)).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.start[1] + 1, token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise Unreadable("the file is not UTF-8: save it as UTF-8", line, column) from error
    for line, start in enumerate(text.split("\n", 2)[:2], 1):
        declared = _CODING.match(start)
        if declared and declared[1].lower().replace("_", "-") not in ("utf-8", "utf8", "utf-8-sig"):
            raise Unreadable(
                f"the file declares the encoding {declared[1][:40]}: remove that line and save it as UTF-8", line, 1
            )
    for character, what in _HIDDEN.items():
        at = text.find(character)
        if at >= 0:
            raise Unreadable(
                f"the file holds {what}: remove it", text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            )
    return text


_HIDDEN = {"\0": "a null byte"} | {
    chr(code): f"the invisible character U+{code:04X}, which makes code display in another order than it runs"
    for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


_Flat = tuple[tuple[ast.AST, ...], dict[ast.AST, ast.AST], dict[ast.AST, Scope]]


def _flatten(tree: ast.Module) -> _Flat:
    """All nodes in the order of the text, each one's parent and each one's scope, without recursion."""
    nodes: list[ast.AST] = []
    parents: dict[ast.AST, ast.AST] = {}
    scopes: dict[ast.AST, Scope] = {}
    stack: list[tuple[ast.AST, int, Scope]] = [(tree, 0, tree)]
    while stack:
        node, depth, scope = stack.pop()
        nodes.append(node)
        scopes[node] = scope
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        if depth > MAX_DEPTH:
            raise Unreadable("the code is nested too deep to be read: split it into statements", line, column)
        if len(nodes) > MAX_NODES:
            raise Unreadable("the file is too large to be read: move data out of the code", line, column)
        inner = _inner(node)
        for child in reversed(list(ast.iter_child_nodes(node))):
            if not isinstance(child, ast.expr_context | ast.operator | ast.unaryop | ast.boolop | ast.cmpop):
                parents[child] = node
                stack.append((child, depth + 1, node if child in inner and _is_scope(node) else scope))
    return tuple(nodes), parents, scopes


def _is_scope(node: ast.AST) -> TypeGuard[Scope]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.Module)


def _inner(node: ast.AST) -> frozenset[ast.AST]:
    """The children of a scope that lie within it, not around it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
        return frozenset(node.body)
    return frozenset((node.body,)) if isinstance(node, ast.Lambda) else frozenset()
