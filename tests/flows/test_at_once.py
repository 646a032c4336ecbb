"""Bots are asked at once, and whoever listens hears each as soon as it has answered."""

from collections.abc import Callable
from threading import Event, current_thread

import pytest

from pipeline.flows.at_once import at_once

PATIENCE_SECONDS = 60.0


def answers(questions: dict[str, Callable[[], int]]) -> dict[str, int]:
    return {name: answer() for name, answer in at_once(questions)}


def test_every_question_is_answered_once_in_the_callers_thread_or_beside_it() -> None:
    assert answers({}) == {}
    asked: list[str] = []
    alone = {"one": lambda: asked.append(current_thread().name) or 1}
    assert answers(alone) == {"one": 1}
    assert asked == [current_thread().name]
    many = {f"bot{number}": lambda number=number: number for number in range(200)}
    assert answers(many) == {f"bot{number}": number for number in range(200)}


def test_one_that_hangs_keeps_nobody_from_being_heard() -> None:
    heard, held = list[str](), Event()
    questions: dict[str, Callable[[], int]] = {
        "a": lambda: int(held.wait(PATIENCE_SECONDS)),
        "b": lambda: 2,
        "c": lambda: 3,
    }
    for name, answer in at_once(questions, most=2):
        answer()
        heard.append(name)
        if len(heard) == 2:
            held.set()  # Only now the first one may answer.
    assert (sorted(heard[:2]), heard[2]) == (["b", "c"], "a")


def test_what_a_question_raises_is_raised_where_its_answer_is_taken_and_nowhere_else() -> None:
    def broken() -> int:
        raise ZeroDivisionError

    found = dict(at_once({"a": lambda: 1, "b": broken, "c": lambda: 3}))
    assert (found["a"](), found["c"]()) == (1, 3)
    with pytest.raises(ZeroDivisionError):
        found["b"]()


def test_never_are_more_asked_at_once_than_was_said() -> None:
    now, most = [0], [0]

    def ask() -> int:
        now[0] += 1
        most[0] = max(most[0], now[0])
        Event().wait(0.002)
        now[0] -= 1
        return 0

    answers({f"bot{number}": ask for number in range(40)})
    assert 1 <= most[0] <= 16


def test_whoever_stops_listening_has_the_others_not_asked() -> None:
    asked: list[str] = []
    held = Event()

    def ask(name: str) -> int:
        asked.append(name)
        return int(name == "bot0" or held.wait(PATIENCE_SECONDS))

    listening = at_once({f"bot{number}": lambda number=number: ask(f"bot{number}") for number in range(200)}, most=2)
    next(listening)
    listening.close()
    begun = len(asked)
    held.set()
    assert begun <= 4
    assert len(asked) <= begun + 2
