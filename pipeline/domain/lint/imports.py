"""The rule on imports: a list of what is allowed, because a list of what is not is never complete."""

import ast
import sys
from collections.abc import Iterator, Mapping

from pipeline.domain.lint.bindings import imported_from
from pipeline.domain.lint.project import Project, words
from pipeline.domain.lint.rule import Trouble, error
from pipeline.domain.lint.source import Source
from pipeline.domain.strategy import TEST_FILE

STANDARD = words(
    "__future__ abc array bisect calendar cmath collections contextlib copy dataclasses datetime decimal enum "
    "fractions functools heapq itertools json logging math numbers operator pprint random re statistics string "
    "textwrap traceback types typing typing_extensions warnings zoneinfo"
)
"""The part of the standard library that computes and touches nothing."""

LIBRARIES = frozenset({"numpy", "pandas", "talib"})

FREQTRADE = (
    "freqtrade.strategy",
    "freqtrade.persistence",
    "freqtrade.enums",
    "freqtrade.constants",
    "freqtrade.ft_types",
    "freqtrade.data.dataprovider",
    "freqtrade.exchange",
    "freqtrade.optimize.space",
    "freqtrade.vendor.qtpylib",
    "freqtrade.util",
)
"""The modules of freqtrade that strategies are written with."""

FREQTRADE_NAMES: Mapping[str, tuple[str, ...]] = {
    "freqtrade.persistence": ("Trade", "Order", "PairLocks", "LocalTrade"),
    "freqtrade.exchange": ("timeframe_to_",),
    "freqtrade.util": ("dt_", "format_", "fmt_", "round_", "decimals_"),
    "freqtrade.data.dataprovider": ("DataProvider",),
}
"""What may be taken from some of them: names, or how names begin."""

TESTS = frozenset({"pytest", "hypothesis", "strategy", "unittest"})
_INSTEAD = {
    "requests": "a strategy has no network",
    "urllib": "a strategy has no network",
    "socket": "a strategy has no network",
    "aiohttp": "a strategy has no network",
    "ccxt": "orders and candles come from freqtrade",
    "subprocess": "a strategy starts no programs",
    "multiprocessing": "a strategy starts no programs",
    "threading": "a strategy runs in one thread",
    "asyncio": "a strategy runs in one thread",
    "pathlib": "a strategy reads and writes no files",
    "io": "a strategy reads and writes no files",
    "pickle": "a strategy reads and writes no files",
    "sys": "a strategy does not look at the process it runs in",
    "importlib": "a strategy imports by name only",
    "inspect": "a strategy does not look at the code around it",
    "builtins": "a strategy uses builtins by their names",
    "ctypes": "a strategy is Python only",
    "gc": "a strategy does not look at the process it runs in",
}
_ELSEWHERE = {"os": "FT406", "time": "FT302", "uuid": "FT303", "secrets": "FT303"}
"""Modules that a more telling rule speaks about."""


def not_allowed(project: Project) -> Iterator[Trouble]:
    """A module that is not on the list."""
    for source in project.sources:
        for node, module, names in imported(source):
            yield from _judge(project, source, node, module, names)


def elsewhere(project: Project, code: str) -> Iterator[tuple[Source, ast.AST, str]]:
    """The imports that another rule speaks about."""
    for source in project.sources:
        for node, module, _ in imported(source):
            if _ELSEWHERE.get(module.split(".")[0]) == code:
                yield source, node, module


def imported(source: Source) -> Iterator[tuple[ast.AST, str, tuple[str, ...]]]:
    """Each import with the module's name and, for a from-import, the names taken from it."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((alias, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, imported_from(source, node), tuple(alias.name for alias in node.names)


def _judge(project: Project, source: Source, node: ast.AST, module: str, names: tuple[str, ...]) -> Iterator[Trouble]:
    top = module.split(".")[0]
    if isinstance(node, ast.ImportFrom) and node.level and not _is_own(project, module, names):
        yield error(
            source,
            node,
            "This relative import leads nowhere: strategy.py imports its local package by name, and nothing else is beside it.",
        )
    elif (
        _is_own(project, module, names)
        or top in _ELSEWHERE
        or (
            source.file == TEST_FILE
            and (top in TESTS or module == "pipeline.testing" or module.startswith("pipeline.testing."))
        )
    ):
        return
    elif top == "freqtrade":
        yield from _judge_freqtrade(source, node, module, names)
    elif top in STANDARD or top in LIBRARIES | project.allowed_imports:
        if "*" in names and top in STANDARD | {"numpy", "pandas"}:
            yield error(source, node, f"`from {module} import *` hides what is used: name what you import.")
    elif top in sys.stdlib_module_names:
        why = _INSTEAD.get(top, "a strategy computes on candles and touches nothing else")
        yield error(source, node, f"{top} is not on the list of modules that a strategy may import: {why}.")
    else:
        yield error(source, node, _unpinned(project, top))


def _judge_freqtrade(source: Source, node: ast.AST, module: str, names: tuple[str, ...]) -> Iterator[Trouble]:
    listed = next((m for m in FREQTRADE if module == m or module.startswith(f"{m}.")), None)
    if listed is None:
        by_name = [f"{module}.{name}" for name in names]
        if not names or any(not any(n == m or n.startswith(f"{m}.") for m in FREQTRADE) for n in by_name):
            yield error(
                source,
                node,
                f"{module} is freqtrade's own machinery: a strategy imports from {', '.join(FREQTRADE[:3])} and freqtrade.vendor.qtpylib.",
            )
        return
    allowed = FREQTRADE_NAMES.get(listed)
    for name in names if allowed else ():
        if not any(name == a or (a.endswith("_") and name.startswith(a)) for a in allowed or ()):
            yield error(
                source,
                node,
                f"{name[:60]} of {module} is freqtrade's own machinery: a strategy may use {', '.join(allowed or ())}.",
            )
    if allowed and not names:
        yield error(source, node, f"Name what you import: `from {listed} import {(allowed or ('…',))[0]}…`.")


def _unpinned(project: Project, top: str) -> str:
    if top in _INSTEAD:
        return f"{top} is not on the list of modules that a strategy may import: {_INSTEAD[top]}."
    line = project.requirements.get(top, f"{_DISTRIBUTIONS.get(top, top.replace('_', '-'))}==VERSION")
    return (
        f'{top[:60]} is not pinned: add the line `"{line[:100]}",` to `strategies` under [project.optional-dependencies] in pyproject.toml '
        "and lock it, in a pull request of its own."
    )


_DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "pandas_ta": "ft-pandas-ta",
    "talib": "ta-lib",
    "statsmodels": "statsmodels",
    "pywt": "PyWavelets",
    "skimage": "scikit-image",
    "tulipy": "tulipy",
    "cv2": "opencv-python",
    "yaml": "PyYAML",
    "dateutil": "python-dateutil",
}
"""Distributions that are not named like their module."""


def _is_own(project: Project, module: str, names: tuple[str, ...]) -> bool:
    """Whether a module is a file of the strategy's local package."""
    if not module or "/" not in "".join(project.candidate.files):
        return False
    top = module.split(".")[0]
    return any(path.startswith(f"{top}/") and path.endswith(".py") for path in project.candidate.files)
