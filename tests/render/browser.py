"""A page in a real browser, and what the browser complained about."""

import subprocess
from pathlib import Path

from tests import needs

SCHEMES = {"dark": "0", "light": "1"}
INK = {"dark": "rgb(230, 235, 241)", "light": "rgb(23, 32, 43)"}


def browse(
    page: Path | str, profile: Path, *options: str, scheme: str = "light", width: int = 1280
) -> subprocess.CompletedProcess[str]:
    command = [
        needs.browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
        f"--user-data-dir={profile}", "--enable-logging=stderr", f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
        f"--window-size={width},1600", "--virtual-time-budget=20000", *options,
        page if isinstance(page, str) else page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def complaints(told: str) -> list[str]:
    return [line for line in told.splitlines() if ":CONSOLE" in line]
