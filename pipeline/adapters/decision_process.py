"""`freqtrain decide` as a process that ends, so that a watch never loads what deciding takes (100 MiB and more)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from pipeline.adapters import process
from pipeline.domain.train.decided import Conclusion, Decision
from pipeline.errors import ToolFailed
from pipeline.ports import Clock

DECIDES_SECONDS = 300.0
"""How long it may take: on a small device imports alone take ten, and a year of equity has to be read."""

ENDS_SECONDS = 5.0
LAST_WORDS = 500

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
        try:
            child = process.start([*self._argv, strategy], env=self._env, cwd=self._cwd)
        except OSError as error:
            raise ToolFailed(f"the process that decides could not be started: {error.strerror}") from error
        asked = Asked(child, self._environment, strategy, self._clock, self._seconds)
        try:
            yield asked
        finally:
            asked.end()


class Asked:
    """See `ports.AskedDecision`. A thread listens, so that a long answer does not wait for whoever looks."""

    def __init__(self, child: process.Process, environment: str, strategy: str, clock: Clock, seconds: float) -> None:
        self._child = child
        self._of = (environment, strategy)
        self._clock, self._seconds = clock, seconds
        self._until = clock.now() + timedelta(seconds=seconds)
        self._said = (b"", b"")
        self._listener = Thread(target=self._listen, name=f"decides about {strategy}", daemon=True)
        self._listener.start()

    def decided(self) -> Conclusion | None:
        """See `ports.AskedDecision`."""
        if self._listener.is_alive():
            if self._clock.now() < self._until:
                return None
            raise ToolFailed(f"the process that decides did not end within {self._seconds:g} s")
        code = self._child.returncode
        if code != 0:
            raise ToolFailed(f"the process that decides ended with {code}: {_last_words(self._said[1])}")
        return self._read(self._said[0])

    def end(self) -> None:
        """Nothing of it goes on."""
        if self._listener.is_alive():
            self._child.kill()
            self._listener.join(ENDS_SECONDS)

    def _listen(self) -> None:
        with suppress(OSError, ValueError):  # It was ended; its exit code says so.
            self._said = self._child.communicate()

    def _read(self, out: bytes) -> Conclusion:
        try:
            said = _SHAPE.validate_json(out)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise ToolFailed(f"the process that decides answers something else: {where}: {first['msg']}") from None
        told = [(said.environment, one.strategy) for one in said.strategies]
        if told != [self._of] or said.strategies[0].decision not in Decision.__members__:
            raise ToolFailed("the process that decides answers something else than it was asked")
        (one,) = said.strategies
        return Conclusion(one.strategy, one.bundle, Decision[one.decision], tuple(one.reasons), one.power)


def _last_words(err: bytes) -> str:
    """What it failed with; the last line where it does not say so in our own words."""
    lines = err.decode(errors="replace").split("\n")
    own = [line.removeprefix("freqtrain: ") for line in lines if line.startswith("freqtrain: ")]
    said = [line for line in lines if line.strip()]
    return (own or said or ["it said nothing"])[-1][:LAST_WORDS]
