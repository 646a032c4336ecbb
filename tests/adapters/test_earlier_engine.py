"""The engine of an earlier lock: installed by its hashes, once, whole or not at all, and run behind the same walls."""

import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.adapters import sandbox as sandboxes
from pipeline.adapters.earlier_engine import earlier_engine
from pipeline.adapters.engine import FreqtradeChild
from pipeline.domain.job import Job
from pipeline.errors import ToolFailed
from tests.adapters.test_engine import data_dir, make_job  # noqa: F401
from tests.fakes import FakeNarrator
from tests.needs import missing

pytestmark = pytest.mark.processes


def wheel(folder: Path) -> Path:
    """A package `marker` that is in no index."""
    file = folder / "marker-1.0-py3-none-any.whl"
    info = "marker-1.0.dist-info"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("marker.py", "AT = 1\n")
        packed.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: marker\nVersion: 1.0\n")
        packed.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{info}/RECORD", "")
    return file


def lock(file: Path, digest: str = "") -> bytes:
    digest = digest or sha256(file.read_bytes()).hexdigest()
    return f"marker @ {file.as_uri()} --hash=sha256:{digest}\n".encode()


def test_a_lock_is_installed_once(tmp_path: Path) -> None:
    narrator, content = FakeNarrator(), lock(wheel(tmp_path))
    python = earlier_engine(content, tmp_path / "engines", narrator)
    asked = subprocess.run(
        [str(python), "-I", "-c", "import marker; print(marker.AT)"], capture_output=True, check=True
    )
    assert asked.stdout == b"1\n"
    assert earlier_engine(content, tmp_path / "engines", narrator) == python
    assert sum("installing" in line for line in narrator.lines) == 1


def test_a_file_of_another_content_is_refused_and_nothing_half_is_kept(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="could not be installed") as failed:
        earlier_engine(lock(wheel(tmp_path), "0" * 64), tmp_path / "engines", FakeNarrator())
    assert "changed-since" in failed.value.hint
    assert list((tmp_path / "engines").iterdir()) == []


@pytest.mark.parametrize("walls", [True, False])
def test_a_child_runs_on_the_packages_of_its_interpreter(
    tmp_path: Path,
    make_job: Callable[..., Job],  # noqa: F811
    walls: bool,
) -> None:
    sandbox = sandboxes.best().sandbox if walls else None
    if walls and sandbox is None:
        missing("a sandbox (bubblewrap or Docker)")
    python = earlier_engine(lock(wheel(tmp_path)), tmp_path / "engines", FakeNarrator())
    (packages,) = python.parent.parent.glob("lib/python3*/site-packages")
    (packages / "engine.pth").write_text(sysconfig.get_path("purelib") + "\n")
    job = make_job(imports="import marker", indicators='dataframe["x"] = marker.AT')
    (here,) = FreqtradeChild(sandbox).measure(job).backtests
    (there,) = FreqtradeChild(sandbox, python=str(python)).measure(job).backtests
    assert here.failure is not None
    assert here.failure.kind == "ModuleNotFoundError"
    assert there.failure is None, there.failure
    assert there.trades
    assert sys.executable != str(python)
