"""Several bots are asked at the same time, so that one that hangs keeps nobody from being seen."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

MOST_AT_ONCE = 16
"""How many are asked at the same time."""

_Answer = TypeVar("_Answer")


def at_once(
    questions: Mapping[str, Callable[[], _Answer]], most: int = MOST_AT_ONCE
) -> Iterator[tuple[str, Callable[[], _Answer]]]:
    """Ask, and yield each name with its answer as soon as it is there; of those that are there already, in the order of the questions.

    What is yielded gives the answer, or raises what the question raised, in the caller's thread. A single question is asked there as well.
    Whoever stops listening, or dies, waits for nobody: threads are daemons, and questions that were not begun are not asked.
    """
    if len(questions) < 2:
        yield from questions.items()
        return
    order = {name: place for place, name in enumerate(questions)}
    waiting = deque(questions.items())
    answers: SimpleQueue[tuple[str, Callable[[], _Answer]]] = SimpleQueue()

    def ask() -> None:
        while waiting:
            try:
                name, question = waiting.popleft()
            except IndexError:  # Another thread was quicker.
                return
            answers.put((name, _asked(question)))

    try:
        for number in range(min(most, len(questions))):
            Thread(target=ask, name=f"asks bots, {number}", daemon=True).start()
        left = len(questions)
        while left:
            there = sorted([answers.get(), *_more(answers)], key=lambda one: order[one[0]])
            yield from there
            left -= len(there)
    finally:
        waiting.clear()


def _asked(question: Callable[[], _Answer]) -> Callable[[], _Answer]:
    try:
        answer = question()
    except BaseException as error:
        caught = error

        def fail() -> _Answer:
            raise caught

        return fail
    return lambda: answer


def _more(answers: SimpleQueue[tuple[str, Callable[[], _Answer]]]) -> Iterator[tuple[str, Callable[[], _Answer]]]:
    while True:
        try:
            yield answers.get_nowait()
        except Empty:
            return
