"""What takes memory on a device besides bots, as docs/scaling.md has it measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A process that looks after bots; `mib` is what is resident of it."""

    name: str
    mib: float


WATCH = Part("watch", 70.0)
SUPERVISORD = Part("supervisord", 21.0)
MONITOR = Part("monitor", 61.0)
KEEPER = Part("a container's keeper", 13.0)


def to_come(*, watched: bool, supervised: bool, monitored: bool) -> tuple[Part, ...]:
    """What does not run yet."""
    return tuple(part for part, runs in ((WATCH, watched), (SUPERVISORD, supervised), (MONITOR, monitored)) if not runs)
