"""Everybody who runs on this machine, read as they appear: a secret in arguments or variables can be read there by others."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from tests.canary import leaks_in

LOOK_SECONDS = 0.05


class Processes(threading.Thread):
    """Reads arguments and variables of every process that appears while it runs. A verb's own variables may hold secrets: its caller gave them."""

    def __init__(self, secrets: Callable[[], tuple[str, ...]]) -> None:
        super().__init__(daemon=True)
        self._secrets = secrets
        self._verbs: set[bytes] = set()
        self._seen: dict[tuple[str, bytes], bytes] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.look()

    def end(self) -> None:
        self._ended.set()
        self.join()

    @property
    def found(self) -> list[str]:
        """Where a secret stands. Judged afterwards: what a device makes up itself is known only then."""
        secrets, seen = self._secrets(), dict(self._seen)
        found = {("argv", line) for _, line in seen if leaks_in(line, secrets)}
        others = ((line, text) for (_, line), text in seen.items() if line not in self._verbs)
        found |= {("environ", line) for line, text in others if leaks_in(text, secrets)}
        return [
            f"{where} of {line.replace(bytes(1), b' ').decode(errors='replace').strip()}"
            for where, line in sorted(found)
        ]

    def verb(self, pid: int) -> None:
        """This one is a verb, and what it forks is it too until it becomes another program."""
        with suppress(OSError, psutil.Error):
            while not (line := Path(f"/proc/{pid}/cmdline").read_bytes()) and psutil.Process(pid).status() != "zombie":
                time.sleep(0.001)  # the kernel has not written it down yet
            self._verbs.add(line)

    def look(self) -> None:
        for pid in (one.name for one in Path("/proc").iterdir() if one.name.isdigit()):
            with suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
                if not line or (pid, line) in self._seen:
                    continue
                variables = Path(f"/proc/{pid}/environ").read_bytes()
                if Path(f"/proc/{pid}/cmdline").read_bytes() == line:
                    self._seen[pid, line] = variables
