"""Several bots are asked at the same time, so that one that hangs keeps nobody from being seen, or from being told."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread, Timer
from typing import TypeVar

MOST_AT_ONCE = 16
"""How many are asked at the same time, those left out that outlasted an earlier wait."""

_Answer = TypeVar("_Answer")
_Follow = Callable[[], None]


@dataclass(slots=True)
class _Crew:
    """How many threads of one wait are at work."""

    at_work: int = 0


@dataclass(frozen=True, slots=True)
class _Question:
    number: int
    name: str
    ask: Callable[[], _Follow] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Came:
    """An answer, with what follows it; one without a name says that the time of a wait is up."""

    number: int
    name: str
    follow: _Follow = field(repr=False)


class AtOnce:
    """Questions that are asked beside each other.

    Whoever stops waiting, or dies, waits for nobody: threads are daemons, and what hangs may be waited for another time.
    """

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most, self._number, self._crew = most, 0, _Crew()
        self._lock = Lock()
        self._waiting: deque[_Question] = deque()
        self._answers: SimpleQueue[_Came] = SimpleQueue()
        self._out: set[str] = set()

    @property
    def out(self) -> frozenset[str]:
        """The names of the questions that nothing has followed yet."""
        return frozenset(self._out)

    @property
    def ready(self) -> bool:
        """Whether an answer is there that nothing has followed yet."""
        return not self._answers.empty()

    @property
    def unasked(self) -> bool:
        """Whether there is something that nobody has begun to ask."""
        return bool(self._waiting)

    def ask(self, name: str, question: Callable[[], _Answer], then: Callable[[Callable[[], _Answer]], None]) -> None:
        """Have something asked by whoever waits next; nothing happens while a question of that name is out.

        `then` is called in the thread of whoever waits, with what gives the answer, or raises what the question raised. It may ask more.
        """
        if name in self._out:
            return
        self._out.add(name)
        self._number += 1
        with self._lock:
            self._waiting.append(_Question(self._number, name, lambda: partial(then, asked(question))))

    def wait(self, seconds: float | None = None) -> None:
        """Do what follows each answer as soon as it is there; of those that are there already, in the order in which they were asked.

        It ends when nothing is out any more, or after so long. Where nobody says how long, a single question is asked in the caller's thread.
        """
        up, timer = _Came(0, "", lambda: None), None
        if seconds is not None:
            self._crew = _Crew()
            timer = Timer(seconds, partial(self._answers.put, up))
            timer.daemon = True
            timer.start()
        try:
            while self._out:
                if seconds is None and (alone := self._alone()):
                    self._answers.put(_Came(alone.number, alone.name, alone.ask()))
                else:
                    self._begin()
                there = sorted(self._there(), key=lambda one: one.number)
                for one in there:
                    self._out.discard(one.name)
                    one.follow()
                if any(one is up for one in there):
                    return
        except BaseException:
            self.close()
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def close(self) -> None:
        """What was not begun is not asked."""
        with self._lock:
            self._out -= {question.name for question in self._waiting}
            self._waiting.clear()

    def _alone(self) -> _Question | None:
        """The question that waits, where it is the only one that is out."""
        with self._lock:
            return self._waiting.popleft() if len(self._waiting) == len(self._out) == 1 else None

    def _begin(self) -> None:
        """As many threads as there is something to do for."""
        with self._lock:
            crew = self._crew
            more = min(self._most - crew.at_work, len(self._waiting))
            crew.at_work += more
        for _ in range(more):
            Thread(target=self._work, args=(crew,), name="asks bots", daemon=True).start()

    def _work(self, crew: _Crew) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    crew.at_work -= 1
                    return
                question = self._waiting.popleft()
            self._answers.put(_Came(question.number, question.name, question.ask()))

    def _there(self) -> Iterator[_Came]:
        """Wait for an answer, and take those that are there besides."""
        yield self._answers.get()
        while True:
            try:
                yield self._answers.get_nowait()
            except Empty:
                return


def asked(question: Callable[[], _Answer]) -> Callable[[], _Answer]:
    """Ask, and return what gives the answer, or raises what the question raised, in another thread."""
    try:
        answer = question()
    except BaseException as error:
        caught = error

        def fail() -> _Answer:
            raise caught

        return fail
    return lambda: answer
