"""The environments' watches under supervisord, beside the bots and kept as they are."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.adapters.own_program import own_program
from pipeline.adapters.supervisor.programs import Programs
from pipeline.domain.watch_process import RunningWatch, WatchSpec, watch_name
from pipeline.ports import Clock


def watch_command(spec: WatchSpec) -> tuple[str, ...]:
    """`freqtrain watch ENVIRONMENT`, by this interpreter and this package, wherever it is started."""
    return own_program("watch", spec.environment, "--home", spec.device, "--interval", f"{spec.interval_seconds:g}")


class SupervisorWatches:
    """See `ports.Watches`. `home` is the device's home; `command` says what to run for a watch, and tests put a stand-in there."""

    def __init__(self, home: Path, clock: Clock, command: Callable[[WatchSpec], Sequence[str]] = watch_command) -> None:
        self._programs = Programs(home, clock)
        self._command = command

    def watching(self) -> tuple[RunningWatch, ...]:
        """See `ports.Watches`."""
        return self._programs.held.watches()

    def start(self, spec: WatchSpec) -> None:
        """See `ports.Watches`."""
        self._programs.start(spec, self._command(spec), dict(spec.variables))

    def stop(self, environment: str, deadline_seconds: float) -> None:
        """See `ports.Watches`."""
        self._programs.stop(watch_name(environment), deadline_seconds)

    def logs(self, environment: str, lines: int) -> str:
        """See `ports.Watches`."""
        return self._programs.logs(watch_name(environment), lines)
