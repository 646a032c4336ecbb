"""The console command as a process, as a person calls it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Said:
    """How the command ended and what it said."""

    code: int
    out: str
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what Actions sets, and with `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "RUNNER_"))}
    return {**kept, **(extra or {})}


def freqtrain(
    *arguments: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None, timeout: float = 300
) -> Said:
    """Run `freqtrain ARGUMENTS` to its end."""
    argv = [str(Path(sys.executable).parent / "freqtrain"), *map(str, arguments)]
    done = subprocess.run(
        argv, cwd=cwd, env=environment(env), capture_output=True, text=True, timeout=timeout, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)
