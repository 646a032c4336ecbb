"""The walls around the engine's child process: bubblewrap where it works, else Docker, else none but the guard inside the interpreter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from pipeline.adapters.sandbox import bubblewrap, docker
from pipeline.domain.job import Job
from pipeline.domain.preflight_isolation import Tried
from pipeline.errors import Refused, ToolFailed


class Sandbox(Protocol):
    """A way to run a program with nothing of this machine in reach but what its job needs."""

    @property
    def name(self) -> str:
        """What evidence calls it, version included."""
        ...

    def enter(self, argv: Sequence[str], job: Job, scratch: Path) -> tuple[list[str], Job]:
        """The argv that runs `argv` inside, and the job with the paths that its files have there.

        Args:
            scratch: an empty folder of this child alone; its name is nobody else's.
        """
        ...

    def leave(self, scratch: Path) -> None:
        """See that nothing of the child that was started with this scratch folder goes on running."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """The best sandbox of this machine, or None; `reasons` say why the better ones are not used."""

    sandbox: Sandbox | None
    reasons: tuple[str, ...] = ()


HINT = (
    "install bubblewrap 0.8 or newer (sudo apt install bubblewrap); where Ubuntu forbids user namespaces also "
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; or let this user use Docker; freqtrain preflight says what is lacking here"
)


PROBES: dict[str, Callable[[], Sandbox]] = {"bubblewrap": bubblewrap.probe, "Docker": docker.probe}
"""Every kind of sandbox, the best first, and what tries it out."""


@cache
def best() -> Choice:
    """Try the sandboxes in their order, once a process: each has to start this very interpreter."""
    return choose(tuple(PROBES.values()))


def choose(probes: Sequence[Callable[[], Sandbox]]) -> Choice:
    """The first that works; a probe raises ToolFailed where it does not, and its message says why."""
    reasons: list[str] = []
    for probe in probes:
        try:
            return Choice(probe(), tuple(reasons))
        except ToolFailed as error:
            reasons.append(error.message)
    return Choice(None, tuple(reasons))


def attempts() -> tuple[Tried, ...]:
    """Every kind tried out, those behind the first that works as well."""
    return tuple(_attempt(kind, probe) for kind, probe in PROBES.items())


def _attempt(kind: str, probe: Callable[[], Sandbox]) -> Tried:
    try:
        return Tried(kind, probe().name)
    except ToolFailed as error:
        return Tried(kind, reason=error.message, hint=error.hint)
    except OSError as error:
        return Tried(
            kind, reason=f"{kind} cannot be tried: {error.filename or 'the system'}: {error.strerror or error}"
        )


def demanded(choice: Choice) -> Sandbox:
    """The sandbox of a choice.

    Raises:
        Refused: there is none; the message gives every reason.
    """
    if choice.sandbox is None:
        raise Refused("a sandbox is required, and none works here: " + "; ".join(choice.reasons), hint=HINT)
    return choice.sandbox
