"""`freqtrain decide` as a process that ends, so that a watch never loads what deciding takes (100 MiB and more)."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.adapters.asked_process import AskedProcess, AskedVerb, of_shape
from pipeline.domain.train.decided import Conclusion, Decision
from pipeline.errors import ToolFailed

NAME = "the process that decides"

_Sentence = Annotated[str, Field(max_length=2000)]


class _Strategy(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    strategy: str
    bundle: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    decision: str
    reasons: Annotated[list[_Sentence], Field(max_length=1000)]
    power: _Sentence


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    environment: str
    strategies: list[_Strategy]


_SHAPE = TypeAdapter(_Said)


class DecisionProcess(AskedVerb):
    """See `ports.Decider`. The verb, to which the strategy is added, answers as `freqtrain decide ENVIRONMENT STRATEGY --json` does."""

    @contextmanager
    def ask(self, strategy: str) -> Iterator["Asked"]:
        """See `ports.Decider`."""
        with self.asked(NAME, partial(_read, self.environment, strategy), (strategy,)) as running:
            yield Asked(running)


class Asked:
    """See `ports.AskedDecision`."""

    def __init__(self, running: AskedProcess[Conclusion]) -> None:
        self._running = running

    def decided(self) -> Conclusion | None:
        """See `ports.AskedDecision`."""
        return self._running.answer()


def _read(environment: str, strategy: str, out: bytes) -> Conclusion:
    said = of_shape(_SHAPE, out, NAME)
    told = [(said.environment, one.strategy) for one in said.strategies]
    if told != [(environment, strategy)] or said.strategies[0].decision not in Decision.__members__:
        raise ToolFailed(f"{NAME} answers something else than it was asked")
    (one,) = said.strategies
    return Conclusion(one.strategy, one.bundle, Decision[one.decision], tuple(one.reasons), one.power)
