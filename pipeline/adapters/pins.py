"""What is pinned and installed: the modules that strategies may import, and the identity of the engine that judges them."""

import hashlib
import platform
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions, version
from pathlib import Path

import pipeline
from pipeline import __version__
from pipeline.errors import ConfigError, Problem

ROOT = Path(pipeline.__file__).resolve().parent.parent
LIBRARIES = (
    "freqtrade",
    "ccxt",
    "pandas",
    "numpy",
    "TA-Lib",
    "technical",
    "ft-pandas-ta",
    "pyarrow",
    "pytest",
    "hypothesis",
)
"""The libraries whose version can change a trade or the outcome of a test."""

JUDGING_ROOMS = ("domain", "adapters/freqtrade", "testing")
"""Our own code that runs in the engine's process."""


def strategy_extra(root: Path = ROOT) -> tuple[str, ...]:
    """The requirement lines of the `strategies` extra.

    Raises:
        ConfigError: pyproject.toml cannot be read.
    """
    path = root / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError((Problem(str(path), 0, 0, str(error)),)) from error
    extra = project.get("project", {}).get("optional-dependencies", {}).get("strategies", [])
    return tuple(str(line) for line in extra)


def allowed_imports(extra: tuple[str, ...]) -> frozenset[str]:
    """The top-level modules that the pinned distributions bring; one that is not installed brings none."""
    return frozenset(module for line in extra if "==" in line for module in _brought(_name(line)))


class InstalledLines(Mapping[str, str]):
    """For every installed top-level module the line that would pin it: "scipy" -> "scipy==1.16.2"; versions are looked up when asked for."""

    def __getitem__(self, module: str) -> str:
        owner = _owners()[module][0]
        return f"{owner}=={version(owner)}"

    def __iter__(self) -> Iterator[str]:
        return iter(_owners())

    def __len__(self) -> int:
        return len(_owners())


@cache
def _owners() -> Mapping[str, list[str]]:
    """Which distributions bring which top-level module.

    This reads the list of files of everything that is installed, a noticeable part of a second: only for naming what a module would need.
    """
    return packages_distributions()


def _brought(name: str) -> set[str]:
    """The top-level modules of a distribution by its name."""
    try:
        return _modules_of(distribution(name))
    except PackageNotFoundError:
        return set()


def _modules_of(found: Distribution) -> set[str]:
    """The top-level modules that a distribution declares, or else those of its files."""
    python = (path for path in found.files or () if path.suffix == ".py")
    declared = (found.read_text("top_level.txt") or "").split()
    return set(declared) or {path.parts[0] if len(path.parts) > 1 else path.stem for path in python}


def engine_identity() -> Mapping[str, str]:
    """Versions and our own code, by name: equal identities give equal answers to equal jobs on one kind of machine."""
    found = {
        "freqtrain": __version__,
        "judging code": _code_digest(),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    known = {_name(name) for name in LIBRARIES}
    for name in (*LIBRARIES, *sorted({_name(line) for line in strategy_extra()} - known)):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _code_digest() -> str:
    total = hashlib.sha256()
    for room in JUDGING_ROOMS:
        for path in sorted((ROOT / "pipeline" / room).rglob("*.py")):
            total.update(
                f"{path.relative_to(ROOT).as_posix()}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode()
            )
    return "sha256:" + total.hexdigest()


def _name(requirement: str) -> str:
    """A distribution's normalised name (PEP 503)."""
    match = re.match(r"\s*([A-Za-z0-9._-]+)", requirement)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else ""
