"""`freqtrain reconcile` as a process that ends, so that a watch keeps neither an exchange's markets nor its connections."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.adapters.asked_process import AskedProcess, AskedVerb, of_shape
from pipeline.errors import ExitCode, ToolFailed

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


class ComparisonProcess(AskedVerb):
    """See `ports.Comparer`. The verb answers as `freqtrain reconcile ENVIRONMENT --json` does."""

    @contextmanager
    def ask(self) -> Iterator["Asked"]:
        """See `ports.Comparer`."""
        codes = (ExitCode.DONE, ExitCode.REFUSED)
        with self.asked(NAME, partial(_read, self.environment), codes=codes) as running:
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
