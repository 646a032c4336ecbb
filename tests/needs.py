"""What some tests need of the machine. Missing, they skip and say why; with FREQTRAIN_REQUIRE_ALL=1 they fail instead."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def missing(what: str) -> None:
    """Skip with a visible reason, or fail where nothing may be missing."""
    if os.environ.get("FREQTRAIN_REQUIRE_ALL") == "1":
        pytest.fail(f"{what} is missing, and FREQTRAIN_REQUIRE_ALL forbids to skip")
    pytest.skip(f"{what} is missing")


def real_candles() -> Path:
    """The folder of real Binance candles beside the checkout."""
    folder = SHARED / "data" / "binance"
    if not (folder / "markets.json").is_file():
        missing("the folder of real candles (../shared/data/binance)")
    return folder


def browser() -> str:
    """The path of a Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("a browser (chromium)")
    return str(path)


def program(name: str) -> str:
    """The path of a program."""
    path = shutil.which(name)
    if path is None:
        missing(name)
    return str(path)


def tool(name: str) -> str:
    """The path of a program that tests/tools/install.sh installs, or the system's."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    installed = Path(os.environ.get("FREQTRAIN_TOOLS") or Path(cache) / "freqtrain" / "tools") / "bin" / name
    path = str(installed) if os.access(installed, os.X_OK) else shutil.which(name)
    if path is None:
        missing(f"{name} (tests/tools/install.sh)")
    return str(path)
