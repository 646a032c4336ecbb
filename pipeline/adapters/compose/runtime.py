"""The Runtime of containers: bots under a Docker engine."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.adapters.compose import mounts
from pipeline.adapters.compose.containers import Containers
from pipeline.adapters.compose.images import EngineImages
from pipeline.adapters.compose.launch import Launch
from pipeline.domain.bot import BotSpec, RunningBot
from pipeline.ports import Clock


def bot_command(spec: BotSpec) -> tuple[str, ...]:
    """The command of a real bot, inside the image."""
    return ("python3", "-I", "-m", "pipeline.adapters.freqtrade.bot", spec.home)


class ComposeRuntime:
    """See `ports.Runtime`.

    Args:
        home: the device's home.
        image: what containers of bots are made of whose homes name no image, named by its digest; where it is empty, what the bot, or the
            environment, was last made of.
        host_network: containers share the device's network; for a rehearsal alone, whose exchange is on the device's loopback.
        command: what to run for a bot, inside the image; tests put a stand-in there.
    """

    def __init__(
        self,
        home: Path,
        clock: Clock,
        image: str,
        *,
        host_network: bool = False,
        command: Callable[[BotSpec], Sequence[str]] = bot_command,
    ) -> None:
        self._containers = Containers(home, clock)
        self._image = image
        self._host_network = host_network
        self._command = command

    def running(self) -> tuple[RunningBot, ...]:
        """See `ports.Runtime`."""
        return self._containers.seen.bots()

    def start(self, spec: BotSpec) -> None:
        """See `ports.Runtime`.

        Raises:
            Refused: also where compose is missing or too old, or the image is not here.
        """
        self._containers.start(spec, lambda: self._launch(spec))

    def stop(self, name: str, deadline_seconds: float) -> None:
        """See `ports.Runtime`."""
        self._containers.stop(name, deadline_seconds)

    def logs(self, name: str, lines: int) -> str:
        """See `ports.Runtime`."""
        return self._containers.logs(name, lines)

    def remove(self, name: str) -> None:
        """See `ports.Runtime`."""
        self._containers.remove(name)

    def shutdown(self) -> None:
        """End every container of the home in order, and remove them; see `Containers.shutdown`. Its images are kept for it no longer."""
        if self._containers.shutdown():
            self.images().let_go()

    def demand(self) -> None:
        """See that containers can be started; whether a bot's image is here, is seen where its bundle is known.

        Raises:
            Refused: compose is missing or too old.
            ToolFailed: there is no docker, or its engine does not answer.
        """
        self._containers.demand()

    def images(self) -> EngineImages:
        """The images of the engine."""
        return EngineImages(self._image, self._containers.last_image, self._containers.mark)

    def _launch(self, spec: BotSpec) -> Launch:
        home = Path(spec.home)
        return Launch(
            spec,
            tuple(self._command(spec)),
            mounts.image_of(home) or self._image or self._containers.last_image(spec),
            mounts.owner(home),
            mounts.of_bot(home),
            host_network=self._host_network,
        )
