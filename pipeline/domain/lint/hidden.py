"""Rules on back doors: hidden attributes, attributes by computed names, and changing other people's code."""

import ast
import re
from collections.abc import Iterator

from pipeline.domain.lint.bindings import is_self, last_name
from pipeline.domain.lint.constants import texts
from pipeline.domain.lint.follow import origins
from pipeline.domain.lint.kinds import is_indicator
from pipeline.domain.lint.paths import dotted
from pipeline.domain.lint.project import Project
from pipeline.domain.lint.rule import Trouble, error, warn
from pipeline.domain.lint.source import Source

_FINE = frozenset({"__name__", "__doc__", "__version__", "__qualname__", "__module__", "__post_init__", "__len__"})
_FINE_NAMES = frozenset({"__name__", "__doc__", "__version__", "__annotations__", "__all__", "__debug__"})
_BY_NAME = frozenset({"getattr", "setattr", "delattr", "hasattr", "attrgetter", "methodcaller"})
_FORMAT = re.compile(r"\{[^{}]*\.__\w+__")
_DUNDER = re.compile(r"__\w+__")
_PRIVATE = re.compile(r"_(?!_)\w*")
_MAY_BE_SET = ("pandas.options.",)


def hidden_attributes(project: Project) -> Iterator[Trouble]:
    """Double-underscore attributes, private parts of freqtrade, and attributes by computed names."""
    for source in project.code:
        for node in source.all(ast.Attribute):
            if _DUNDER.fullmatch(node.attr) and not _is_harmless(source, node):
                yield error(
                    source, node, f"{node.attr} leads behind the code as it is written: say what you need by its name."
                )
            elif _PRIVATE.fullmatch(node.attr) and _is_provider(project, source, node.value):
                yield error(
                    source,
                    node,
                    f"{node.attr} is a private part of freqtrade: use what self.dp and self.wallets offer.",
                )
        for name in source.all(ast.Name):
            if (
                _DUNDER.fullmatch(name.id)
                and name.id not in _FINE_NAMES
                and isinstance(name.ctx, ast.Load)
                and name.id != "__import__"
            ):
                yield error(
                    source, name, f"{name.id} leads behind the code as it is written: say what you need by its name."
                )
        for constant in source.all(ast.Constant):
            if isinstance(constant.value, str) and _FORMAT.search(constant.value):
                yield error(source, constant, "This format text reads hidden attributes: format plain values.")
        yield from _by_computed_name(project, source)


def changed_elsewhere(project: Project) -> Iterator[Trouble]:
    """Assigning to attributes of imported modules and classes, which changes them for everybody."""
    for source in project.code:
        for node in source.all(ast.Attribute, ast.Subscript):
            if not isinstance(node.ctx, ast.Load):
                yield from _judge_target(project, source, node)
        for call in source.all(ast.Call):
            if (
                isinstance(call.func, ast.Name)
                and call.func.id in ("setattr", "delattr")
                and call.args
                and not is_self(call.args[0])
            ):
                yield error(
                    source,
                    call,
                    f"{call.func.id}() on something else than self changes code that others use: keep it in the strategy's own attributes.",
                )


def _judge_target(project: Project, source: Source, target: ast.Attribute | ast.Subscript) -> Iterator[Trouble]:
    if is_self(target.value):
        return
    paths = [path for path in _written(project, source, target) if not path.startswith(_MAY_BE_SET)]
    if paths:
        yield error(
            source,
            target,
            f"This changes {paths[0][:80]} for everybody, the judge's engine included: write a function of your own.",
        )


def _written(project: Project, source: Source, target: ast.expr) -> tuple[str, ...]:
    if isinstance(target, ast.Attribute):
        return tuple(f"{path}.{target.attr}" for path in dotted(project, source, target.value))
    return dotted(project, source, target.value) if isinstance(target, ast.Subscript) else ()


def _by_computed_name(project: Project, source: Source) -> Iterator[Trouble]:
    for call in source.all(ast.Call):
        name = last_name(call.func)
        if name not in _BY_NAME:
            continue
        index = 0 if name in ("attrgetter", "methodcaller") else 1
        if len(call.args) <= index:
            continue
        written = texts(project, source, call.args[index])
        if any(_DUNDER.search(text) and text not in _FINE for text in written):
            yield error(source, call, f"{name}() with a hidden attribute leads behind the code as it is written.")
        elif any(_PRIVATE.fullmatch(part) for text in written for part in text.split(".")) and (
            not index or _is_provider(project, source, call.args[0])
        ):
            yield error(
                source, call, f"{name}() with a private part of freqtrade: use what self.dp and self.wallets offer."
            )
        elif not written and name != "hasattr":
            if index and (is_self(call.args[0]) or is_indicator(dotted(project, source, call.args[0]))):
                yield warn(
                    source,
                    call,
                    f"{name}() with a name that is put together cannot be read: write the attributes out if you can.",
                )
            else:
                yield error(
                    source,
                    call,
                    f"{name}() with a name that is put together cannot be read: write the attribute itself.",
                )


def _is_harmless(source: Source, node: ast.Attribute) -> bool:
    if node.attr in _FINE:
        return True
    if isinstance(node.value, ast.Call) and last_name(node.value.func) == "super":
        return node.attr in ("__init__", "__post_init__", "__repr__", "__str__", "__eq__", "__hash__")
    parent = source.parent(node)
    return (
        node.attr == "__class__"
        and isinstance(parent, ast.Attribute)
        and parent.attr in ("__name__", "__qualname__", "__doc__")
    )


def _is_provider(project: Project, source: Source, node: ast.expr) -> bool:
    """`self.dp`, `self.wallets`, under whatever name, and the classes behind them."""
    if any(path.endswith((".DataProvider", ".Wallets")) for path in dotted(project, source, node)):
        return True
    return any(
        isinstance(origin, ast.Attribute) and origin.attr in ("dp", "wallets") and is_self(origin.value)
        for _, origin in origins(project, source, node)
    )
