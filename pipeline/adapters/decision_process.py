"""`freqtrain decide` as a process that ends, so that a watch never loads what deciding takes (100 MiB and more)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pipeline.adapters import process
from pipeline.adapters.asked_process import AskedProcess, asked, of_shape
from pipeline.domain.train.decided import Conclusion, Decision
from pipeline.errors import ToolFailed
from pipeline.ports import Clock

DECIDES_SECONDS = 300.0
"""How long it may take: on a small device imports alone take ten, and a year of equity has to be read."""

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


class DecisionProcess:
    """See `ports.Decider`.

    Args:
        argv: the command; the strategy is added to it. It answers as `freqtrain decide ENVIRONMENT STRATEGY --json` does.
        env: all the variables that it is given.
    """

    def __init__(
        self,
        environment: str,
        argv: Sequence[str],
        clock: Clock,
        env: Mapping[str, str],
        cwd: Path,
        seconds: float = DECIDES_SECONDS,
    ) -> None:
        self._environment = environment
        self._argv = argv
        self._clock = clock
        self._env = env
        self._cwd = cwd
        self._seconds = seconds

    @contextmanager
    def ask(self, strategy: str) -> Iterator["Asked"]:
        """See `ports.Decider`."""

        def made(child: process.Process) -> AskedProcess[Conclusion]:
            return AskedProcess(child, NAME, partial(_read, self._environment, strategy), self._clock, self._seconds)

        with asked([*self._argv, strategy], self._env, self._cwd, made, NAME) as running:
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
