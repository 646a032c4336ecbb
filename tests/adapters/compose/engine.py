"""A real Docker engine and images for its tests; what they made is removed in the end."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.needs import ROOT, SHARED, missing

BASE = "python:3.11-slim-bookworm"
PACKAGES = ("/usr/local/lib/python3.11/site-packages", "/usr/local/lib/python3.11/dist-packages")
"""Where its interpreter looks for packages: the official image's, and that of Debian's own Python, which stands in for it."""
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


def stand_in_image(tag: str) -> str:
    """An image of this tree's keeper and the stand-in bot; its Id, by which it is named."""
    need_base()
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        shutil.copytree(ROOT / "pipeline", context / "own/pipeline", ignore=shutil.ignore_patterns("__pycache__"))
        (context / "own/tests").mkdir()
        shutil.copy(ROOT / "tests/stand_in_bot.py", context / "own/tests/stand_in_bot.py")
        (context / "own.pth").write_text("/opt/freqtrain\n")
        lines = (
            f"FROM {BASE}",
            "COPY own /opt/freqtrain",
            *(f"COPY own.pth {folder}/freqtrain.pth" for folder in PACKAGES),
        )
        (context / "Dockerfile").write_text("\n".join(lines) + "\n")
        return docker("build", "--quiet", "--tag", tag, folder, environment={"DOCKER_BUILDKIT": "0"}).strip()


def real_image(tag: str) -> str:
    """The image that devices run, of this tree; its Id. Layers that are there already are not built again."""
    need_base()
    if _code("docker", "buildx", "version") != 0:
        missing("docker buildx")
    file = str(ROOT / "runner" / "Dockerfile")
    arguments = ("--build-arg", f"BASE={BASE}", "--file", file, "--tag", tag, str(ROOT))
    return docker("build", "--quiet", *arguments, seconds=900.0, environment={"DOCKER_BUILDKIT": "1"}).strip()


def derived_image(image: str, tag: str) -> str:
    """Another image with the same content; its Id."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Dockerfile").write_text(f"FROM {image}\nLABEL derived={tag}\n")
        return docker("build", "--quiet", "--tag", tag, folder, environment={"DOCKER_BUILDKIT": "0"}).strip()


def need_base() -> None:
    """The image that the others begin with; where no registry is reached, the stand-in of it that can be made here."""
    if _code("docker", "image", "inspect", BASE) == 0:
        return
    if BASE_SCRIPT.is_file():
        subprocess.run([str(BASE_SCRIPT), BASE], check=True, capture_output=True, timeout=600)
    elif _code("docker", "pull", "--quiet", BASE) != 0:
        missing(f"the image {BASE}")


def _code(*argv: str) -> int:
    return subprocess.run(argv, capture_output=True, timeout=300, check=False).returncode
