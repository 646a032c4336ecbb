"""GitHub's own description of its REST API: an npm package, fetched once into the user's cache and never committed."""

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@octokit/openapi"
VERSION = "23.0.2"
FILE = "package/generated/api.github.com.json"
SHA256 = "829b4bebb19a53133289f7b0bc819f4f1118115821db2ca9f25e9ee995a7da2a"
_SECONDS = 300


def cache_folder() -> Path:
    """Where what is fetched and derived is kept, outside of any checkout."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "freqtrain-tests" / f"openapi-{VERSION}"


def fetched() -> Path | None:
    """The whole description, as JSON; None where it cannot be had here."""
    file = cache_folder() / "api.github.com.json"
    if not file.is_file() and not _fetch(file):
        return None
    return file


def _fetch(file: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as scratch:
        call = [npm, "pack", "--silent", "--pack-destination", scratch, f"{PACKAGE}@{VERSION}"]
        try:
            subprocess.run(call, cwd=scratch, check=True, timeout=_SECONDS, capture_output=True)
        except (OSError, subprocess.SubprocessError):
            return False
        packed = next(Path(scratch).glob("*.tgz"))
        with tarfile.open(packed) as archive:
            found = archive.extractfile(FILE)
            assert found is not None
            content = found.read()
        assert hashlib.sha256(content).hexdigest() == SHA256, f"{PACKAGE} {VERSION} is not what it was"
        aside = Path(scratch) / "whole"
        aside.write_bytes(content)
        aside.replace(file)
    return True
