"""The engine as an earlier lock pins it: its packages in a virtual environment of their own, installed once."""

import shutil
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from pipeline.adapters import process
from pipeline.errors import ToolFailed
from pipeline.ports import Narrator

VENV_SECONDS = 120.0
INSTALL_SECONDS = 1800.0
LOCK = "requirements.lock"


def earlier_engine(lock: bytes, folder: Path, narrator: Narrator) -> Path:
    """The interpreter whose packages are exactly those of a lock, each file by its hash.

    Args:
        lock: what pip is to install.
        folder: keeps one virtual environment for each lock and version of Python.
        narrator: is told before it takes minutes.

    Raises:
        ToolFailed: pip could not install them; nothing half is kept.
    """
    name = sha256(lock + sys.version.encode()).hexdigest()[:16]
    python = folder.resolve() / name / "bin" / "python"
    if python.exists():
        return python
    narrator.say("installing the engine that is replaced, for comparison (once; it takes minutes)")
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".", dir=folder.resolve()))
    try:
        _install(lock, aside)
        try:
            aside.rename(folder.resolve() / name)  # whole, or not at all
        except OSError:
            if not python.exists():  # else somebody else was quicker
                raise
    except OSError as error:
        raise ToolFailed(f"{folder}: the engine that is replaced could not be kept: {error.strerror}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return python


def _install(lock: bytes, into: Path) -> None:
    (into / LOCK).write_bytes(lock)
    made = process.run([sys.executable, "-m", "venv", str(into)], timeout_seconds=VENV_SECONDS)
    if made.code == 0:
        argv = [str(into / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        argv += ["--require-hashes", "--requirement", str(into / LOCK)]
        made = process.run(argv, timeout_seconds=INSTALL_SECONDS)
    if made.code != 0:
        raise ToolFailed(
            f"the engine that is replaced could not be installed: {(made.err or made.out).strip()[-500:]}",
            hint="pip must reach its package index; without --changed-since nothing is compared",
        )
