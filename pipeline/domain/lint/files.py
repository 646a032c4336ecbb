"""The closed list: which files a strategy's folder may hold, and the shape of its local package."""

import keyword
import re
import sys
from collections.abc import Iterator, Mapping

from pipeline.domain.lint.rule import LINT
from pipeline.domain.strategy import DESCRIPTION_FILE, ID_PATTERN, PARAMETERS_FILE, STRATEGY_FILE, TEST_FILE
from pipeline.domain.verdict import Finding, Outcome, Place

REQUIRED = (STRATEGY_FILE, DESCRIPTION_FILE, TEST_FILE)
OPTIONAL = (PARAMETERS_FILE,)
BYTE_CODE = "__pycache__"
MAX_FILES = 64
MAX_FILE_BYTES = 512 * 1024
MAX_TOTAL_BYTES = 2 * 1024 * 1024

_TAKEN = frozenset(
    {
        "strategy",
        "test_strategy",
        "pipeline",
        "freqtrade",
        "ccxt",
        "numpy",
        "pandas",
        "talib",
        "technical",
        "pandas_ta",
        "pytest",
        "hypothesis",
    }
)


def closed_list(strategy_id: str, files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """What the folder lacks, what it holds too much, and what is too large.

    Args:
        strategy_id: the folder's name.
        files: the content of every file by its path relative to the folder (POSIX), byte code left out.
    """
    found = [
        Finding(LINT, code, Outcome.FAIL, reason, Place(file) if file else None)
        for code, file, reason in _problems(strategy_id, files)
    ]
    return tuple(sorted(found, key=lambda f: (f.rule, f.place.file if f.place else "")))


def local_package(strategy_id: str, files: Mapping[str, bytes]) -> str | None:
    """The name of the strategy's own package, or None where it has none of the right shape."""
    folders = _folders(files)
    return folders[0] if len(folders) == 1 and _package_name_problem(strategy_id, folders[0]) is None else None


def _problems(strategy_id: str, files: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    if re.fullmatch(ID_PATTERN, strategy_id) is None:
        yield (
            "FT001",
            "",
            (
                f"The folder's name {strategy_id[:80]!r} cannot be an id: use lower case, digits and underscores, starting with a letter."
            ),
        )
    for name in REQUIRED:
        if name not in files:
            yield "FT001", name, f"{name} is missing: every strategy has one."
    for path in files:
        if "/" not in path and path not in REQUIRED + OPTIONAL:
            yield (
                "FT001",
                path,
                (
                    f"{path} is not on the list of files that a strategy may have: {', '.join(REQUIRED + OPTIONAL)}, one local package. "
                    "Remove it, or move its text into strategy.yml or a docstring."
                ),
            )
    yield from _package_problems(strategy_id, files)
    yield from _size_problems(files)


def _package_problems(strategy_id: str, files: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    folders = _folders(files)
    if len(folders) > 1:
        yield (
            "FT002",
            folders[1],
            f"A strategy may have one local package, but there are {len(folders)}: {', '.join(folders)[:200]}.",
        )
    for folder in folders:
        problem = _package_name_problem(strategy_id, folder)
        if problem:
            yield "FT002", folder, problem
    for path in files:
        *parents, name = path.split("/")
        if not parents:
            continue
        if not name.endswith(".py"):
            yield "FT002", path, f"{path} is not Python: a local package holds .py files only."
        elif any(not part.isidentifier() or keyword.iskeyword(part) for part in (*parents, name.removesuffix(".py"))):
            yield "FT002", path, f"{path} cannot be imported: use letters, digits and underscores in its name."
    for parent in sorted({path[:at] for path in files for at, letter in enumerate(path) if letter == "/"}):
        if f"{parent}/__init__.py" not in files:
            yield (
                "FT002",
                f"{parent}/__init__.py",
                f"{parent}/__init__.py is missing: without it {parent} is no package.",
            )


def _size_problems(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    for path, content in files.items():
        if len(content) > MAX_FILE_BYTES:
            yield (
                "FT003",
                path,
                f"{path} is larger than {MAX_FILE_BYTES // 1024} KiB: a strategy is code, data belongs into a data set.",
            )
    if len(files) > MAX_FILES:
        yield "FT003", "", f"The folder holds {len(files)} files; {MAX_FILES} are the most."
    if sum(map(len, files.values())) > MAX_TOTAL_BYTES:
        yield "FT003", "", f"The folder's files are larger than {MAX_TOTAL_BYTES // 1024} KiB together."


def _folders(files: Mapping[str, bytes]) -> list[str]:
    return sorted({path.split("/", 1)[0] for path in files if "/" in path})


def _package_name_problem(strategy_id: str, folder: str) -> str | None:
    """Gate and bot import the package by this name, beside everything that is installed: it must belong to this strategy alone."""
    if folder != strategy_id and not folder.startswith(f"{strategy_id}_"):
        return f"The local package {folder} must be named {strategy_id} or {strategy_id}_…, so that nothing else has its name."
    if folder in sys.stdlib_module_names or folder in _TAKEN:
        return f"The local package {folder} has the name of an installed module: name it {strategy_id}_lib."
    return None
