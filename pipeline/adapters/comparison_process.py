"""`freqtrain reconcile` as a process that ends, so that a watch keeps neither an exchange's markets nor its connections."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.adapters import process
from pipeline.adapters.asked_process import AskedProcess, asked, of_shape
from pipeline.errors import ExitCode, ToolFailed
from pipeline.ports import Clock

COMPARES_SECONDS = 300.0
"""How long it may take: two requests a pair, and an exchange that wants to be asked slowly."""

NAME = "the process that compares"


class _Strategy(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    strategy: str
    told: Annotated[str, Field(max_length=4000)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    environment: str
    strategies: list[_Strategy]


_SHAPE = TypeAdapter(_Said)


class ComparisonProcess:
    """See `ports.Comparer`.

    Args:
        argv: the command; it answers as `freqtrain reconcile ENVIRONMENT --json` does.
        env: all the variables that it is given.
    """

    def __init__(
        self,
        environment: str,
        argv: Sequence[str],
        clock: Clock,
        env: Mapping[str, str],
        cwd: Path,
        seconds: float = COMPARES_SECONDS,
    ) -> None:
        self._environment, self._argv, self._clock = environment, argv, clock
        self._env, self._cwd, self._seconds = env, cwd, seconds

    @contextmanager
    def ask(self) -> Iterator["Asked"]:
        """See `ports.Comparer`."""
        codes = (ExitCode.DONE, ExitCode.REFUSED)

        def made(child: process.Process) -> AskedProcess[dict[str, str]]:
            return AskedProcess(child, NAME, partial(_read, self._environment), self._clock, self._seconds, codes)

        with asked(self._argv, self._env, self._cwd, made, NAME) as running:
            yield Asked(running)


class Asked:
    """See `ports.AskedComparison`."""

    def __init__(self, running: AskedProcess[dict[str, str]]) -> None:
        self._running = running

    def compared(self) -> dict[str, str] | None:
        """See `ports.AskedComparison`."""
        return self._running.answer()


def _read(environment: str, out: bytes) -> dict[str, str]:
    said = of_shape(_SHAPE, out, NAME)
    if said.environment != environment:
        raise ToolFailed(f"{NAME} answers something else than it was asked")
    return {one.strategy: one.told for one in said.strategies if one.told}
