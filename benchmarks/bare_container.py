"""freqtrade as anybody would run it with compose: one service, its own command line, no keeper, no train; the same image, strategy and database."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.adapters.freqtrade.bot_home import open_home
from pipeline.domain.bot import BotSpec

GRACE = "30s"
"""As long as a bot of the train is given; freqtrade needs a second or two."""
CALL_SECONDS = 180.0


@contextmanager
def bare_bot(spec: BotSpec, device: Path, image: str) -> Iterator["Bare"]:
    """Runs on the home of a bot of the train that is stopped, so that its API answers to the same names; it is gone afterwards."""
    settings = open_home(Path(spec.home))
    folder = device / "bare"
    folder.mkdir()
    running = folder / "running.json"
    running.write_text(json.dumps({"initial_state": "running", "strategy_path": settings.strategy_dir}))
    configs = [part for file in (*settings.config_files, str(running)) for part in ("--config", file)]
    command = ["trade", *configs, "--strategy", settings.class_name, "--userdir", str(folder)]
    service = {
        "image": image,
        "pull_policy": "never",
        "entrypoint": ["python3", "-m", "freqtrade"],
        "command": [*command, "--db-url", f"sqlite:///{settings.database}"],
        "user": f"{os.getuid()}:{os.getgid()}",
        "network_mode": "host",
        "stop_grace_period": GRACE,
        "environment": {"HOME": "/tmp", "TZ": "UTC"},
        "volumes": [f"{device}:{device}"],
    }
    file = folder / "compose.json"
    file.write_text(json.dumps({"name": f"freqtrain-bare-{os.getpid()}", "services": {"bot": service}}))
    bot = Bare(file)
    try:
        bot.compose("up", "--detach")
        yield bot
    finally:
        bot.compose("down")


class Bare:
    """One bare bot."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def recreate(self) -> None:
        """What people type after they have changed something."""
        self.compose("up", "--detach", "--force-recreate")

    def compose(self, *arguments: str) -> None:
        argv = ["docker", "compose", "--file", str(self._file), *arguments]
        subprocess.run(argv, check=True, capture_output=True, timeout=CALL_SECONDS)
