"""A real Docker engine and images for its tests; what they made is removed in the end."""

import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.needs import ROOT, SHARED, missing

BASE = "python:3.11-slim-bookworm"
PLUGINS = SHARED / "lab" / "compose-plugins.sh"
BASE_SCRIPT = SHARED / "lab" / "base-image.sh"


def docker(*arguments: str, seconds: float = 300.0, environment: Mapping[str, str] | None = None) -> str:
    """Run `docker …`; what it printed. Fails with what it said."""
    own = {**os.environ, **(environment or {})}
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=seconds, check=False, env=own)
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def need_engine() -> None:
    """Skip visibly where no engine answers, or it has no compose."""
    if shutil.which("docker") is None or _code("docker", "info") != 0:
        missing("a Docker engine")
    if _code("docker", "compose", "version") == 0:
        return
    if PLUGINS.is_file():
        folder = Path(tempfile.gettempdir()) / "freqtrain-docker"
        subprocess.run([str(PLUGINS), str(folder)], check=True, capture_output=True, timeout=300)
        os.environ["DOCKER_CONFIG"] = str(folder)
    if _code("docker", "compose", "version") != 0:
        missing("docker compose")


def built(tag: str, *, engine: bool) -> str:
    """An image of this tree, and with `engine` of the interpreter's packages too; its Id, by which it is named."""
    if _code("docker", "image", "inspect", BASE) != 0:
        if not BASE_SCRIPT.is_file():
            missing(f"the image {BASE}")
        subprocess.run([str(BASE_SCRIPT), BASE], check=True, capture_output=True, timeout=600)
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        shutil.copytree(ROOT / "pipeline", context / "own/pipeline", ignore=shutil.ignore_patterns("__pycache__"))
        (context / "own/tests").mkdir()
        shutil.copy(ROOT / "tests/stand_in_bot.py", context / "own/tests/stand_in_bot.py")
        lines = [f"FROM {BASE}"]
        packages = "/usr/local/lib/python3.11/dist-packages"
        if engine:
            unwanted = shutil.ignore_patterns("__pycache__", "tests", "mypy*", "ruff*", "_pytest*", "playwright*")
            shutil.copytree(sysconfig.get_paths()["purelib"], context / "packages", ignore=unwanted)
            lines.append(f"COPY packages {packages}")
        (context / "own.pth").write_text("/opt/freqtrain\n")
        lines += ["COPY own /opt/freqtrain", f"COPY own.pth {packages}/freqtrain.pth"]
        (context / "Dockerfile").write_text("\n".join(lines) + "\n")
        return docker("build", "--quiet", "--tag", tag, folder, environment={"DOCKER_BUILDKIT": "0"}).strip()


def _code(*argv: str) -> int:
    return subprocess.run(argv, capture_output=True, timeout=60, check=False).returncode
