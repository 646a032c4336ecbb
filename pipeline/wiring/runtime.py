"""What keeps an environment's bots running, as its file says: supervisord, or a Docker engine."""

import os
from pathlib import Path

from pipeline.adapters.compose.docker import Docker
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.adapters.supervisor.runtime import SupervisorRuntime
from pipeline.domain.bot import BotState
from pipeline.domain.trading import RuntimeKind, TradingEnvironment
from pipeline.errors import Refused
from pipeline.ports import Clock, Images, Runtime

IMAGE_VARIABLE = "FREQTRAIN_IMAGE"
"""Names the image of bots whose bundles were cut for none, by its digest. Where it is not set, they run in what was last run in."""

ENGINE_VARIABLES = (IMAGE_VARIABLE, "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT")
"""What a process needs in order to reach the same engine; none is a secret."""


def runtime(own: TradingEnvironment, home: Path, clock: Clock, *, starts: bool = False) -> Runtime:
    """The runtime of an environment.

    Args:
        starts: whether something that was not there before may be started: then what all containers need must be there now.

    Raises:
        Refused: bots of the environment still run under the other runtime; or there is no compose.
        ToolFailed: the engine does not answer.
    """
    if own.runtime is RuntimeKind.PROCESS:
        if (home / own.name / "compose").is_dir():
            _against_others(own, ComposeRuntime(home, clock, ""), RuntimeKind.COMPOSE)
        return SupervisorRuntime(home, clock)
    _against_others(own, SupervisorRuntime(home, clock), RuntimeKind.PROCESS)
    # A rehearsal's exchange listens on the device's loopback, and its bots reach nothing else.
    found = ComposeRuntime(home, clock, os.environ.get(IMAGE_VARIABLE, ""), host_network=own.rehearsal)
    if starts:
        found.demand()
    return found


def images(found: Runtime) -> Images | None:
    """The images that an environment's bots may run in; None where they do not run in containers."""
    return found.images() if isinstance(found, ComposeRuntime) else None


def demand(kind: RuntimeKind) -> None:
    """See that a runtime is there, before anything is laid out for it; raises as `runtime` for containers."""
    if kind is RuntimeKind.COMPOSE:
        Docker().demand(os.environ.get(IMAGE_VARIABLE, ""))


def engine_variables(own: TradingEnvironment) -> dict[str, str]:
    """What the environment's watch has to be given in order to reach its bots' runtime."""
    if own.runtime is not RuntimeKind.COMPOSE:
        return {}
    return {name: os.environ[name] for name in ENGINE_VARIABLES if os.environ.get(name)}


def _against_others(own: TradingEnvironment, other: Runtime, kind: RuntimeKind) -> None:
    up = [bot.spec.name for bot in other.running() if bot.spec.environment == own.name and bot.state != BotState.DOWN]
    if up:
        raise Refused(
            f"'{own.name}' wants the runtime {own.runtime}, and {', '.join(up)} still runs under the runtime {kind}",
            hint=f"write runtime: {kind} once more, `freqtrain stop`, then change it",
        )
