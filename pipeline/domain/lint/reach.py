"""Rules on reaching out although the module is allowed: files, the network, other code, the process's environment."""

import ast
import re
from collections.abc import Iterator

from pipeline.domain.lint.follow import argument
from pipeline.domain.lint.imports import FREQTRADE, FREQTRADE_NAMES, elsewhere
from pipeline.domain.lint.project import Project, words
from pipeline.domain.lint.references import attribute_names, references
from pipeline.domain.lint.rule import Trouble, error
from pipeline.domain.lint.settings import keys_read
from pipeline.domain.lint.source import Source

_FORBIDDEN = (
    *(
        "pandas.io",
        "pandas.compat",
        "pandas.core.common",
        "pandas.testing",
        "pandas.util",
        "pandas.ExcelFile",
        "pandas.ExcelWriter",
        "pandas.HDFStore",
    ),
    *(
        f"numpy.{name}"
        for name in (
            "load",
            "save",
            "savez",
            "savez_compressed",
            "loadtxt",
            "savetxt",
            "genfromtxt",
            "fromfile",
            "memmap",
        )
    ),
    *(f"numpy.{name}" for name in ("ctypeslib", "f2py", "distutils", "testing", "DataSource", "open_memmap")),
    *(
        "logging.FileHandler",
        "logging.handlers",
        "logging.config",
        "logging.shutdown",
        "types.FunctionType",
        "types.CodeType",
        "json.load",
    ),
)
_NUMPY_LIB = "numpy.lib."
_NUMPY_LIB_FINE = ("numpy.lib.stride_tricks",)
_HIDDEN_MODULES = words(
    "os sys io builtins bltns importlib subprocess socket shutil pathlib tempfile inspect ctypes pickle threading "
    "multiprocessing asyncio urllib http requests sqlite3 codecs linecache gc weakref marshal runpy codeop posix"
)
_WRITERS = words(
    "to_pickle to_parquet to_feather to_hdf to_sql to_excel to_stata to_gbq to_clipboard to_orc to_iceberg tofile"
)
_WRITERS_IF_GIVEN = frozenset(
    {"to_csv", "to_json", "to_html", "to_latex", "to_markdown", "to_string", "to_xml", "dump"}
)
_PATH_METHODS = words(
    "write_bytes write_text read_bytes read_text mkdir rmdir unlink iterdir rglob symlink_to hardlink_to open"
)
_PLACES = words(
    "datadir user_data_dir exportfilename exportdirectory export_directory backtest_directory strategy_path logfile log_config config_files "
    "original_config add_config_files hyperopt_path freqaimodel_path"
)
"""Keys of the configuration that hold a file or folder."""
_EVALUATORS = frozenset({"eval", "exec", "compile", "__import__", "execfile"})
_REACHES = frozenset({"open", "input", "breakpoint", "globals", "locals", "vars", "help"})
_PATH_ARGUMENTS = ("path_or_buf", "path", "buf", "path_or_buffer", "file")


def files_and_network(project: Project) -> Iterator[Trouble]:
    """Functions of allowed modules that read or write files or reach the network."""
    for source in project.sources:
        for node, path in references(project, source):
            told = _reaches(path)
            if told:
                yield error(source, node, f"{path[:80]} {told}.")
        for node, name in attribute_names(source):
            if name in _WRITERS or (name in _WRITERS_IF_GIVEN and _is_given_a_path(source, node)):
                yield error(
                    source, node, f"{name}() writes a file: a strategy computes on candles and leaves nothing behind."
                )
            elif (
                name == "ticker"
                and isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "ta"
            ):
                yield error(
                    source,
                    node,
                    "ta.ticker() downloads candles: they come from freqtrade, as the argument dataframe or from self.dp.",
                )
        yield from _places(project, source)
        for call in _builtin_calls(project, source, frozenset({"open"})):
            yield error(
                source,
                call,
                "open() reads or writes files: a strategy computes on candles, its parameters belong into the class or strategy.json.",
            )


def other_code(project: Project) -> Iterator[Trouble]:
    """Code that is put together at run time, where no rule reads it."""
    for source in project.sources:
        for node in source.all(ast.Name):
            if node.id in _EVALUATORS and isinstance(node.ctx, ast.Load) and not _is_bound(project, source, node.id):
                yield error(source, node, f"{node.id} runs code that nobody has read: write the code itself.")
        for call in _builtin_calls(project, source, _REACHES - {"open"}):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            yield error(source, call, f"{name}() reaches around the strategy: use names and attributes by themselves.")


def process_environment(project: Project) -> Iterator[Trouble]:
    """Environment variables and the operating system."""
    for source, node, module in elsewhere(project, "FT406"):
        yield error(
            source,
            node,
            f"{module} reaches environment variables, files and processes: what differs between environments is no part of a strategy.",
        )
    for source in project.sources:
        for node, path in references(project, source):
            if re.search(r"(^|\.)(environ|getenv|putenv)($|\.)", path):
                yield error(
                    source,
                    node,
                    "Environment variables differ from machine to machine: write the value into the strategy.",
                )


def _reaches(path: str) -> str:
    """What a dotted path does that a strategy may not, in words."""
    parts = path.split(".")
    if path.startswith("pandas.read_") or any(path == f or path.startswith(f"{f}.") for f in _FORBIDDEN):
        return "reads or writes files, the network or the machine: candles come from freqtrade, everything else belongs into the strategy"
    if path.startswith(_NUMPY_LIB) and not path.startswith(_NUMPY_LIB_FINE):
        return "is numpy's own machinery: use the functions of numpy itself"
    if parts[0] == "freqtrade" and len(parts) > 2:
        listed = [m for m in FREQTRADE if path.startswith(f"{m}.") or m.startswith(path)]
        if not listed:
            return "is freqtrade's own machinery: a strategy uses freqtrade.strategy, freqtrade.persistence and freqtrade.vendor.qtpylib"
        names = FREQTRADE_NAMES.get(listed[0])
        rest = path[len(listed[0]) + 1 :].split(".")[0]
        if (
            names
            and rest
            and not any(rest == n or (n.endswith("_") and rest.startswith(n)) for n in names)
            and path.startswith(listed[0])
        ):
            return f"is freqtrade's own machinery: a strategy may use {', '.join(names)}"
    if any(part in _HIDDEN_MODULES for part in parts[1:]):
        return "reaches another module through the back door"
    return ""


def _places(project: Project, source: Source) -> Iterator[Trouble]:
    """Files and folders that the configuration names, and the methods of paths."""
    for node in source.all(ast.Subscript, ast.Call):
        for key in keys_read(project, source, node):
            if key in _PLACES:
                told = (
                    f"config[{key!r}] names a place on the disk: a strategy computes on candles and touches no files."
                )
                yield error(source, node, told)
        method = node.func if isinstance(node, ast.Call) else None
        if isinstance(method, ast.Attribute) and method.attr in _PATH_METHODS and not _is_own_method(project, method):
            yield error(
                source,
                node,
                f"{method.attr}() reads or writes files: a strategy computes on candles and touches no files.",
            )


def _is_own_method(project: Project, method: ast.Attribute) -> bool:
    return any(True for _ in project.defined(method.attr))


def _is_given_a_path(source: Source, node: ast.AST) -> bool:
    parent = source.parent(node)
    if not isinstance(parent, ast.Call) or parent.func is not node:
        return True
    first = argument(parent, 0, *_PATH_ARGUMENTS)
    return first is not None and not (isinstance(first, ast.Constant) and first.value is None)


def _builtin_calls(project: Project, source: Source, names: frozenset[str]) -> Iterator[ast.Call]:
    for call in source.all(ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id in names and not _is_bound(project, source, call.func.id):
            yield call


def _is_bound(project: Project, source: Source, name: str) -> bool:
    """Whether the file gives a builtin's name to something of its own."""
    bindings = project.bindings[source]
    return bool(bindings.definitions.get(name)) or name in bindings.imports
