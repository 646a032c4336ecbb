"""`freqtrain new`: a folder in strategies/ with everything that a strategy needs, written as a whole."""

import ast
import json
import keyword
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.lint import closed_list, facts
from pipeline.domain.strategy import ID_PATTERN, PARAMETERS_FILE, STRATEGY_FILE, Candidate, StrategySpec
from pipeline.errors import ConfigError, Problem, UsageError
from pipeline.render import new_strategy as files_of

LONGEST_TITLE = 80

WholeFolder = Callable[[Path], AbstractContextManager[Path]]


@dataclass(frozen=True, slots=True)
class Made:
    """A strategy's new folder: its files in order, the strategy's class, and what its trader should know."""

    folder: Path
    class_name: str
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


def new(id: str, strategies: Path, whole_folder: WholeFolder) -> Made:
    """Write a small strategy that passes lint and its own tests, to be changed into the trader's idea.

    Raises:
        UsageError: the id cannot be one, or is taken.
    """
    folder = _free_folder(id, strategies)
    files = files_of.new_strategy(id, folder.as_posix())
    _write(folder, files, whole_folder)
    return Made(folder, files_of.class_name_for(id), tuple(sorted(files)))


def take_in(id: str, strategies: Path, source: Path, class_name: str, whole_folder: WholeFolder) -> Made:
    """Copy a freqtrade strategy, with hyperopt's parameters and the local package beside it, and give it tests to start from.

    `class_name` may be empty where the file has one strategy class. Nothing inside the copied files is changed.

    Raises:
        UsageError: the id cannot be one, or is taken; the file is not there, or has none or several strategy classes.
        ConfigError: the file is no Python, or the parameters belong to another class.
    """
    folder = _free_folder(id, strategies)
    content = _read(source)
    imported = _imported(content, source)
    files = {STRATEGY_FILE: content, **_local_package(source, imported)}
    chosen = _the_class(facts(Candidate(StrategySpec(id, class_name), files)).class_names, class_name, source)
    title = facts(Candidate(StrategySpec(id, chosen), files)).title or files_of.title_for(id)
    files.update(files_of.taken_in(chosen, title[:LONGEST_TITLE], folder.as_posix()))
    files.update(_parameters(source, chosen))
    _write(folder, files, whole_folder)
    return Made(folder, chosen, tuple(sorted(files)), _notes(id, source, imported, files))


def _free_folder(id: str, strategies: Path) -> Path:
    if re.fullmatch(ID_PATTERN, id) is None:
        raise UsageError(
            f"{id!r} cannot be a strategy's id",
            hint="use up to 64 lower-case letters, digits and underscores, beginning with a letter: my_idea",
        )
    if keyword.iskeyword(id):
        raise UsageError(f"{id!r} is a word of Python's and cannot be a strategy's id", hint=f"for example {id}_idea")
    folder = strategies / id
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} exists already", hint="choose another id, or remove the folder")
    return folder


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{source}: {error.strerror or error}", hint="name a Python file with a freqtrade strategy"
        ) from error


def _imported(content: bytes, source: Path) -> frozenset[str]:
    """The top-level modules that the file imports by name."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError) as error:
        line, column = (error.lineno or 0, error.offset or 0) if isinstance(error, SyntaxError) else (0, 0)
        raise ConfigError(
            (Problem(str(source), line, column, f"is no Python: {getattr(error, 'msg', error)}"),)
        ) from error
    found = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    found |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return frozenset(name.partition(".")[0] for name in found if name)


def _the_class(names: tuple[str, ...], wanted: str, source: Path) -> str:
    if not names:
        raise UsageError(f"{source} has no strategy: no class in it derives from IStrategy")
    listed = ", ".join(names)
    if wanted and wanted not in names:
        raise UsageError(f"{source} has no strategy class {wanted}", hint=f"there is {listed}")
    if not wanted and len(names) > 1:
        raise UsageError(
            f"{source} has {len(names)} strategy classes: {listed}", hint=f"choose one with --class {names[0]}"
        )
    return wanted or names[0]


def _parameters(source: Path, class_name: str) -> dict[str, bytes]:
    """The file that freqtrade would load silently with this strategy."""
    beside = source.with_suffix(".json")
    if not beside.is_file():
        return {}
    content = _read(beside)
    try:
        parameters = json.loads(content)
        owner = parameters.get("strategy_name") if isinstance(parameters, dict) else None
    except ValueError as error:
        raise ConfigError((Problem(str(beside), 0, 0, f"is no JSON: {error}"),)) from error
    if owner != class_name:
        problem = Problem(
            str(beside), 0, 0, f"holds parameters of {owner!r}, not of {class_name}: freqtrade would refuse them"
        )
        raise ConfigError((problem,), hint="move the file away if it does not belong to this strategy")
    return {PARAMETERS_FILE: content}


def _local_package(source: Path, imported: frozenset[str]) -> dict[str, bytes]:
    """The Python files of the packages beside the source that it imports."""
    files = {}
    for name in sorted(imported):
        package = source.parent / name
        if (package / "__init__.py").is_file():
            files.update(
                {path.relative_to(source.parent).as_posix(): _read(path) for path in sorted(package.rglob("*.py"))}
            )
    return files


def _notes(id: str, source: Path, imported: frozenset[str], files: dict[str, bytes]) -> tuple[str, ...]:
    notes = [
        f"it imports {name}.py, which lies beside {source.name} and was not copied: put it into a package {id} or {id}_…"
        for name in sorted(imported)
        if (source.parent / f"{name}.py").is_file()
    ]
    if PARAMETERS_FILE in files:
        notes.append(
            f"{source.with_suffix('.json').name} came along as {PARAMETERS_FILE}: freqtrade loads these parameters"
        )
    return (*notes, *(finding.reason for finding in closed_list(id, files)))


def _write(folder: Path, files: dict[str, bytes], whole_folder: WholeFolder) -> None:
    with whole_folder(folder) as aside:
        for name, content in files.items():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).write_bytes(content)
