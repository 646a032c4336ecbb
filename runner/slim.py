"""Takes out of a virtual environment what the image runs without, and compiles what stays.

    python slim.py VENV PYPROJECT

Run by the environment's own interpreter, while the image is built, perhaps for another kind of machine. Everything was
installed from the lock, tools of the project's development included, because a lock's hashes hold for the whole of it;
here the tools go.
"""

import compileall
import py_compile
import re
import shutil
import struct
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

EXTRA = "strategies"
"""The project's extra that belongs into the image: what strategies may import."""

TESTS = ("tests", "test", "idle_test")
KEPT_TESTS = ("numpy/_core/tests/_natype.py",)
"""Imported by code that is no test."""

NOT_RUN = (
    ".pyi",
    ".pyx",
    ".pxd",
    ".pxi",
    ".c",
    ".cc",
    ".cpp",
    ".cxx",
    ".h",
    ".hpp",
    ".hh",
    ".f",
    ".f90",
    ".a",
    ".map",
    ".pyc",
)
"""Sources of what is compiled, type stubs, maps for debuggers in browsers; byte code is made anew."""

UNUSED = (
    "pyarrow/include",
    "pyarrow/src",
    "pyarrow/_flight.*",
    "pyarrow/libarrow_flight.*",
    "pyarrow/libarrow_python_flight.*",
    "pyarrow/_s3fs.*",
    "pyarrow/libarrow_s3.*",
    "plotly/labextension",
    "plotly/package_data/datasets",
    "plotly/package_data/widgetbundle.js",
)
"""Parts by themselves that nothing here loads: a server for tables, stores in clouds, charts in notebooks."""


def main(venv: Path, pyproject: Path) -> None:
    """Do it, and say what it brought."""
    (packages,) = venv.glob("lib/python3*/site-packages")
    before = size(venv)
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    needed = reachable([*project["dependencies"], *project["optional-dependencies"][EXTRA]])
    gone = sorted(drop_distributions(packages, needed))
    drop_files(packages)
    for folder in ("include", "share", "etc"):
        shutil.rmtree(venv / folder, ignore_errors=True)
    link_twins(packages)
    for path in libraries(packages):
        path.write_bytes(loaded(path.read_bytes()))
    compile_all(packages)
    told = f"{before / 1e6:.0f} MB without byte code became {size(venv) / 1e6:.0f} MB with it"
    sys.stdout.write(f"without: {', '.join(gone)}\n{told}\n")


def reachable(requirements: Iterable[str]) -> frozenset[str]:
    """The normalised names of the distributions that these requirements need on the machine that is built for, themselves included."""
    machine = sysconfig.get_platform().partition("-")[2]  # as _PYTHON_HOST_PLATFORM says it, where that is set
    there = {normal(one.name): one for one in distributions()}
    todo = [Requirement(line) for line in requirements]
    seen: dict[str, set[str]] = {}
    while todo:
        wanted = todo.pop()
        name = normal(wanted.name)
        known = seen.setdefault(name, set())
        new = {"", *wanted.extras} - known
        if not new:
            continue
        known |= new
        if name not in there:
            raise SystemExit(f"{wanted} is needed, and the lock does not bring it")
        for line in there[name].requires or ():
            needed = Requirement(line)
            if needed.marker is None or any(
                needed.marker.evaluate({"extra": extra, "platform_machine": machine}) for extra in new
            ):
                todo.append(needed)
    return frozenset(seen)


def drop_distributions(packages: Path, needed: frozenset[str]) -> Iterator[str]:
    """Remove every distribution that nothing needs, the installer among them; their names."""
    for name, files in [(one.name, files_of(one)) for one in distributions() if normal(one.name) not in needed]:
        for path in files:
            path.unlink(missing_ok=True)
        yield name
    for folder in sorted((path for path in packages.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def files_of(one: Distribution) -> list[Path]:
    return [Path(str(one.locate_file(path))) for path in one.files or ()]


def drop_files(packages: Path) -> None:
    kept = {packages / path for path in KEPT_TESTS}
    for folder in [path for path in packages.rglob("*") if path.name in TESTS and path.is_dir()]:
        for path in [path for path in folder.rglob("*") if path.is_file() and path not in kept]:
            path.unlink()
    for path in [path for path in packages.rglob("*") if path.is_file() and path.suffix in NOT_RUN]:
        path.unlink()
    for pattern in UNUSED:
        for path in list(packages.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def link_twins(packages: Path) -> None:
    """A wheel cannot hold links: a library that comes under two names is in it twice."""
    first: dict[tuple[Path, str], Path] = {}
    for path in libraries(packages):
        same = first.setdefault((path.parent, sha256(path.read_bytes()).hexdigest()), path)
        if same is not path:
            path.unlink()
            path.symlink_to(same.name)


def libraries(packages: Path) -> list[Path]:
    """Every compiled library, once."""
    return sorted(path for path in packages.rglob("*.so*") if path.is_file() and not path.is_symlink())


def loaded(library: bytes) -> bytes:
    """A library without what follows the last byte that is ever loaded: the linker's symbols and what debuggers read.

    The program headers say what is loaded (ELF-64, `Elf64_Phdr`: p_offset at 8, p_filesz at 32); the table of sections, which only
    linkers and debuggers read, goes with what it describes. Anything else than a little-endian ELF-64 stays as it is.
    """
    if library[:6] != b"\x7fELF\x02\x01":
        return library
    (headers,) = struct.unpack_from("<Q", library, 32)
    size, count = struct.unpack_from("<HH", library, 54)
    end = headers + size * count
    for start in range(headers, end, size):
        (offset,) = struct.unpack_from("<Q", library, start + 8)
        (length,) = struct.unpack_from("<Q", library, start + 32)
        end = max(end, offset + length)
    kept = bytearray(library[:end])
    struct.pack_into("<Q", kept, 40, 0)  # e_shoff
    struct.pack_into("<HHH", kept, 58, 0, 0, 0)  # e_shentsize, e_shnum, e_shstrndx
    return bytes(kept)


def compile_all(packages: Path) -> None:
    """Byte code for all of it, valid whatever the files' times are, so that a read-only image starts at its quickest."""
    compileall.compile_dir(
        packages, quiet=2, workers=0, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )


def normal(name: str) -> str:
    """A distribution's normalised name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def size(folder: Path) -> int:
    """Bytes of the files below, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
