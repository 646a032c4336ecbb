"""The engine that a strategy was measured with, as far as it can change a trade: what a bundle pins."""

import ast
import re
from collections.abc import Iterator, Mapping

from pipeline.domain.lint.source import Unreadable, parse
from pipeline.domain.strategy import TEST_FILE

ENGINE = ("freqtrade", "ccxt", "numpy", "pandas", "pyarrow", "TA-Lib")
"""What every strategy runs on, by distribution."""

BROUGHT = ("technical", "ft-pandas-ta")
"""What strategies may compute their indicators with besides."""

HANDED_ON = {"freqtrade.vendor.qtpylib": "technical"}
"""Modules of the engine that are another distribution's code under their own name."""


def engine_pins(files: Mapping[str, bytes], versions: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """Normalised distribution -> version: the engine, and whatever of the pinned extra the strategy imports itself.

    The interpreter and the machine are not among them: one bundle runs on the judge's machine and on the bot's.

    Args:
        files: the strategy's files by path; its tests do not count.
        versions: distribution -> version that is installed; must hold all of `ENGINE`.
        extra: top-level module -> the line that pins it ("technical" -> "technical==1.7.0").

    Raises:
        ValueError: a file is not Python, or one of the engine's parts is not installed.
    """
    pins = {}
    for name in ENGINE:
        if versions.get(name, "missing") == "missing":
            raise ValueError(f"{name} is not installed, and the engine needs it")
        pins[normal(name)] = versions[name]
    for module in sorted(imported(files) & extra.keys()):
        name, _, version = extra[module].partition("==")
        pins[normal(name)] = version
    return dict(sorted(pins.items()))


def differing(pins: Mapping[str, str], versions: Mapping[str, str]) -> dict[str, str]:
    """The pinned distributions that are there in another version, with that version; "" where there is none at all.

    Args:
        pins: as `engine_pins` gives them.
        versions: distribution -> version as it is installed, or as it was measured with.
    """
    there = {normal(name): version for name, version in versions.items()}
    return {name: there.get(name, "") for name, version in pins.items() if there.get(name) != version}


def locked(lock: str) -> dict[str, str]:
    """What a lock pins: normalised distribution -> version, several where they depend on Python's version."""
    found: dict[str, list[str]] = {}
    for match in re.finditer(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE):
        found.setdefault(normal(match.group(1)), []).append(match.group(2))
    return {name: ", ".join(versions) for name, versions in found.items()}


def changed_engine(before: str, now: str) -> dict[str, tuple[str, str]]:
    """What can change a trade and is pinned otherwise in one lock than in the other: normalised distribution -> both versions, "" for none."""
    old, new = locked(before), locked(now)
    names = [normal(name) for name in (*ENGINE, *BROUGHT)]
    return {name: (old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name)}


def normal(distribution: str) -> str:
    """A distribution's normalised name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported(files: Mapping[str, bytes]) -> frozenset[str]:
    """The top-level modules that a strategy's code imports.

    Raises:
        ValueError: a file is not Python.
    """
    names = {
        name
        for file, content in files.items()
        if file.endswith(".py") and file != TEST_FILE
        for name in _names(file, content)
    }
    handed_on = {
        module for path, module in HANDED_ON.items() if any(f"{name}.".startswith(f"{path}.") for name in names)
    }
    return frozenset({name.partition(".")[0] for name in names} | handed_on)


def _names(file: str, content: bytes) -> Iterator[str]:
    """Dotted names of everything that may be a module: of `from a import b`, a.b too."""
    try:
        source = parse(file, content)
    except Unreadable as error:
        raise ValueError(f"{file}:{error.line}: {error.message}") from error
    for node in source.all(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
