"""Another process of ours that is asked something, so that who asks never loads what the answer takes; it answers on its standard output and ends."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.adapters import process
from pipeline.errors import ToolFailed
from pipeline.ports import Clock

ANSWERS_SECONDS = 300.0
"""How long it may take: on a small device imports alone take ten, and an exchange may want to be asked slowly."""

ENDS_SECONDS = 5.0
LAST_WORDS = 500

_Answer = TypeVar("_Answer")
_Shape = TypeVar("_Shape")


class AskedProcess(Generic[_Answer]):
    """A child that was asked. A thread listens, so that a long answer does not wait for whoever looks.

    Args:
        name: what messages call it: "the process that decides".
        read: makes an answer of what it wrote; raises ToolFailed where that is none.
        codes: the exit codes with which it has answered.
    """

    def __init__(
        self,
        child: process.Process,
        name: str,
        read: Callable[[bytes], _Answer],
        clock: Clock,
        seconds: float,
        codes: Sequence[int] = (0,),
    ) -> None:
        self._child, self._name, self._read, self._codes = child, name, read, codes
        self._clock, self._seconds = clock, seconds
        self._until = clock.now() + timedelta(seconds=seconds)
        self._said = (b"", b"")
        self._listener = Thread(target=self._listen, name=name, daemon=True)
        self._listener.start()

    def answer(self) -> _Answer | None:
        """What it answered; None while it has not.

        Raises:
            ToolFailed: it failed, answered something else, or did not end in time.
        """
        if self._listener.is_alive():
            if self._clock.now() < self._until:
                return None
            raise ToolFailed(f"{self._name} did not end within {self._seconds:g} s")
        code = self._child.returncode
        if code not in self._codes or (code and not self._said[0].strip()):
            raise ToolFailed(f"{self._name} ended with {code}: {_last_words(self._said[1])}")
        return self._read(self._said[0])

    def end(self) -> None:
        """Nothing of it goes on."""
        if self._listener.is_alive():
            self._child.kill()
            self._listener.join(ENDS_SECONDS)

    def _listen(self) -> None:
        with suppress(OSError, ValueError):  # It was ended; its exit code says so.
            self._said = self._child.communicate()


@dataclass(frozen=True, slots=True)
class AskedVerb:
    """One of this program's verbs, which is asked about an environment and answers as JSON.

    Args:
        argv: the command.
        env: all the variables that it is given.
        seconds: how long it may take to answer.
    """

    environment: str
    argv: Sequence[str]
    clock: Clock
    env: Mapping[str, str]
    cwd: Path
    seconds: float = ANSWERS_SECONDS

    @contextmanager
    def asked(
        self, name: str, read: Callable[[bytes], _Answer], words: Sequence[str] = (), codes: Sequence[int] = (0,)
    ) -> Iterator[AskedProcess[_Answer]]:
        """Start it, with some more words. Where it still works at the end of the context, it is ended.

        Raises:
            ToolFailed: it could not be started.
        """
        try:
            child = process.start([*self.argv, *words], env=self.env, cwd=self.cwd)
        except OSError as error:
            raise ToolFailed(f"{name} could not be started: {error.strerror}") from error
        running = AskedProcess(child, name, read, self.clock, self.seconds, codes)
        try:
            yield running
        finally:
            running.end()


def of_shape(shape: TypeAdapter[_Shape], text: bytes, name: str) -> _Shape:
    """The answer in a text.

    Raises:
        ToolFailed: it is of another shape; the message says where.
    """
    try:
        return shape.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise ToolFailed(f"{name} answers something else: {where}: {first['msg']}") from None


def _last_words(err: bytes) -> str:
    """What it failed with; the last line where it does not say so in our own words."""
    lines = err.decode(errors="replace").split("\n")
    own = [line.removeprefix("freqtrain: ") for line in lines if line.startswith("freqtrain: ")]
    said = [line for line in lines if line.strip()]
    return (own or said or ["it said nothing"])[-1][:LAST_WORDS]
