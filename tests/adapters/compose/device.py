"""A device whose bots are stand-ins in containers of a real Docker engine."""

import os
import signal
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.layout import layout
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.bot import BotSpec
from tests.adapters.compose.engine import docker
from tests.ports import free_port
from tests.runtime_contract import NAME, Bots, bot

STAND_IN = "/opt/freqtrain/tests/stand_in_bot.py"


def stand_in(spec: BotSpec) -> tuple[str, ...]:
    """The command of a stand-in bot, inside the image."""
    return ("python3", "-I", "-S", STAND_IN, spec.home)


@dataclass(frozen=True)
class PortedBots(Bots):
    """Each slot has a port of its own, as on every device: the engine publishes it, and whoever else tests on this engine has others."""

    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))

    def spec(self, name: str = NAME, **behaviour: object) -> BotSpec:
        return replace(super().spec(name, **behaviour), api_port=self.ports[name.endswith("-b")])


class ContainerDevice:
    """Its home, and what the tests do to it."""

    def __init__(self, home: Path, image: str) -> None:
        self.home = home
        self.image = image
        self.clock = SystemClock()
        self.layout = layout(home)
        self.runtime = self.again()

    def again(self) -> ComposeRuntime:
        return ComposeRuntime(self.home, self.clock, self.image, command=stand_in)

    def container(self, name: str, environment: str = "test") -> str:
        """The name of a container."""
        return self.layout.project(environment).container(name)

    def containers(self, *, every: bool = False) -> list[str]:
        """The containers of this home that run, or all of them."""
        mark = self.layout.project("test").mark
        return docker("ps", "--quiet", *(["--all"] if every else []), "--filter", f"name=freqtrain-{mark}-").split()

    def pids(self, name: str) -> tuple[int, ...]:
        """The processes of a bot, as the device counts them, without its keeper."""
        done = subprocess.run(
            ["docker", "top", self.container(name), "-o", "pid"], capture_output=True, text=True, check=False
        )
        found = [int(word) for word in done.stdout.split()[1:]] if done.returncode == 0 else []
        keeper = docker("inspect", "--format", "{{.State.Pid}}", self.container(name)).strip() if found else ""
        return tuple(pid for pid in found if str(pid) != keeper)

    def processes(self, spec: BotSpec) -> int:
        return len(self.pids(spec.name))

    def kill(self, spec: BotSpec) -> None:
        os.kill(bot(self.runtime, spec.name).pid, signal.SIGKILL)

    def reboot(self) -> None:
        """Every container is killed at once."""
        if found := self.containers():
            docker("kill", *found)

    def end(self) -> None:
        """Leave nothing behind."""
        self.runtime.shutdown()
        mark = self.layout.project("test").mark
        assert docker("ps", "--all", "--quiet", "--filter", f"name=freqtrain-{mark}-") == ""
        assert docker("network", "ls", "--quiet", "--filter", f"name=freqtrain-{mark}-") == ""
