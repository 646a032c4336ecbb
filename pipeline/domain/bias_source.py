"""Which line of a strategy's code made a column, read from its syntax alone."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.verdict import Place

JOINS = frozenset({"merge_informative_pair", "merge", "merge_asof", "merge_ordered", "join", "concat"})


@dataclass(frozen=True, slots=True)
class _Made:
    """An assignment to columns whose name the pattern matches; a plain one gives every row the same constant."""

    pattern: re.Pattern[str]
    place: Place
    plain: bool


class Origins:
    """Where the columns of one strategy come from.

    Args:
        sources: path of a file (relative to the strategy's folder) -> its text; files that do not parse are left out. The first that knows a
            column is believed.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._trees = {file: tree for file, text in sources.items() if (tree := _parsed(text)) is not None}
        self._made = [made for file, tree in self._trees.items() for made in _assignments(file, tree)]

    def of(self, column: str, timeframes: Sequence[str] = ()) -> Place | None:
        """The line that made the column, or None where it cannot be told.

        A column that came in with other candles (`rsi_4h`, `btc_usdt_rsi_4h`) is looked for under the name that it had before, then where its
        name is written at all, then at the first join.
        """
        for name in _former_names(column, timeframes):
            made = [made for made in self._made if made.pattern.fullmatch(name)]
            if made:
                return next((one for one in made if not one.plain), made[0]).place
        return self._written(column) or (
            self._joined() if column.endswith(tuple(f"_{t}" for t in timeframes)) else None
        )

    def read_by_callbacks(self, column: str) -> bool:
        """Whether code outside the populate methods may read the column: its name stands there, or names are put together there."""
        return any(
            _mentions(node, column)
            for tree in self._trees.values()
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and not function.name.startswith("populate_")
            for node in ast.walk(function)
        )

    def _written(self, column: str) -> Place | None:
        for file, tree in self._trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and node.value == column:
                    return _place(file, node)
        return None

    def _joined(self) -> Place | None:
        for file, tree in self._trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and _called(node) in JOINS:
                    return _place(file, node)
        return None


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _former_names(column: str, timeframes: Sequence[str]) -> Iterator[str]:
    yield column
    for timeframe in timeframes:
        if column.endswith(f"_{timeframe}"):
            name = column.removesuffix(f"_{timeframe}")
            while name:
                yield name
                name = name.partition("_")[2]


def _assignments(file: str, tree: ast.Module) -> Iterator[_Made]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
                    yield from _assigned(file, part, node.value)
        elif isinstance(node, ast.Call):
            yield from _given(file, node)


def _assigned(file: str, target: ast.expr, value: ast.expr | None) -> Iterator[_Made]:
    if not isinstance(target, ast.Subscript):
        return
    located = isinstance(target.value, ast.Attribute) and target.value.attr in ("loc", "at")
    key = target.slice
    if located and isinstance(key, ast.Tuple) and len(key.elts) == 2:
        key = key.elts[1]
    plain = isinstance(value, ast.Constant) and not located
    for pattern in _patterns(key):
        yield _Made(pattern, _place(file, target), plain)


def _given(file: str, call: ast.Call) -> Iterator[_Made]:
    """`frame.assign(name=...)` and `frame.insert(position, "name", ...)`."""
    if _called(call) == "assign":
        for keyword in call.keywords:
            if keyword.arg is not None:
                yield _Made(re.compile(re.escape(keyword.arg)), _place(file, keyword.value), False)
    elif _called(call) == "insert" and len(call.args) > 1:
        for pattern in _patterns(call.args[1]):
            yield _Made(pattern, _place(file, call), False)


def _patterns(key: ast.expr) -> Iterator[re.Pattern[str]]:
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield re.compile(re.escape(key.value))
    elif isinstance(key, ast.JoinedStr):
        parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in key.values]
        if any(isinstance(part, ast.Constant) for part in key.values):
            yield re.compile("".join(parts))
    elif isinstance(key, ast.List | ast.Tuple):
        for element in key.elts:
            yield from _patterns(element)


def _mentions(node: ast.AST, column: str) -> bool:
    if isinstance(node, ast.Constant):
        return bool(node.value == column)
    if isinstance(node, ast.Attribute):
        return node.attr == column
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.JoinedStr | ast.BinOp)


def _called(call: ast.Call) -> str:
    function = call.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _place(file: str, node: ast.expr) -> Place:
    return Place(file, node.lineno, node.col_offset + 1)
