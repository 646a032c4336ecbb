"""The environments as the stops of the train, in the order of `after`."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.domain.environment import Mode


@dataclass(frozen=True, slots=True)
class Stop:
    """One environment: `after` is the one before it, "" for the first one; "" as `mode` where nothing is known but its name."""

    name: str
    mode: str = ""
    after: str = ""
    rehearsal: bool = False
    """Whether it only trades on an exchange of the loopback."""
    runtime: str = ""
    """What keeps its bots running, "" where its file does not say."""

    @property
    def supervised(self) -> bool:
        """Whether its bots are plain processes, of which supervisord tells."""
        return self.runtime in ("", "process")

    @property
    def on_history(self) -> bool:
        """Whether strategies are judged there on history, so that nothing runs."""
        return self.mode == Mode.HISTORY.value


def in_order(stops: Iterable[Stop]) -> tuple[Stop, ...]:
    """Each behind the one that it comes after; those that nothing leads to come last, by name."""
    waiting = sorted(stops, key=lambda stop: (stop.mode == "", stop.name))
    placed: list[Stop] = []
    while waiting:
        names = {stop.name for stop in placed}
        ready = next((stop for stop in waiting if stop.mode and (not stop.after or stop.after in names)), waiting[0])
        waiting.remove(ready)
        placed.append(ready)
    return tuple(placed)
