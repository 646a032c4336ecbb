"""Bots are asked at once, and what follows an answer is done as soon as it is there."""

from collections.abc import Callable, Mapping
from functools import partial
from threading import Event, current_thread

import pytest

from pipeline.flows.at_once import AtOnce

PATIENCE_SECONDS = 60.0


def answers(questions: Mapping[str, Callable[[], int]], most: int = 16) -> dict[str, int]:
    asking, found = AtOnce(most), dict[str, int]()
    for name, question in questions.items():
        asking.ask(name, question, partial(_keep, found, name))
    asking.wait()
    assert not asking.out
    return found


def _keep(found: dict[str, int], name: str, answer: Callable[[], int]) -> None:
    found[name] = answer()


def test_every_question_is_answered_once_in_the_callers_thread_or_beside_it() -> None:
    assert answers({}) == {}
    asked: list[str] = []
    alone = {"one": lambda: asked.append(current_thread().name) or 1}
    assert answers(alone) == {"one": 1}
    assert asked == [current_thread().name]
    many = {f"bot{number}": partial(int, number) for number in range(200)}
    assert answers(many) == {f"bot{number}": number for number in range(200)}


def test_one_that_hangs_keeps_nobody_from_being_heard() -> None:
    heard, held, asking = list[str](), Event(), AtOnce(2)

    def hear(name: str) -> None:
        heard.append(name)
        if len(heard) == 2:
            held.set()  # Only now the first one may answer.

    asking.ask("a", lambda: held.wait(PATIENCE_SECONDS), lambda _: hear("a"))
    asking.ask("b", lambda: True, lambda _: hear("b"))
    asking.ask("c", lambda: True, lambda _: hear("c"))
    asking.wait()
    assert (sorted(heard[:2]), heard[2]) == (["b", "c"], "a")


def test_what_a_question_raises_is_raised_where_its_answer_is_taken_and_nowhere_else() -> None:
    def broken() -> int:
        raise ZeroDivisionError

    asking, found, failed = AtOnce(), list[int](), list[str]()

    def take(answer: Callable[[], int]) -> None:
        try:
            found.append(answer())
        except ZeroDivisionError:
            failed.append("b")

    for name, question in {"a": lambda: 1, "b": broken, "c": lambda: 3}.items():
        asking.ask(name, question, take)
    asking.wait()
    assert (sorted(found), failed) == ([1, 3], ["b"])
    asking.ask("b", broken, lambda answer: found.append(answer()))
    with pytest.raises(ZeroDivisionError):
        asking.wait()
    assert not asking.out


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


def test_what_follows_an_answer_may_ask_more_while_others_hang() -> None:
    asking, held, told = AtOnce(2), Event(), list[str]()

    def tell(answer: Callable[[], bool]) -> None:
        told.append("paused")
        held.set()

    asking.ask("hangs", lambda: held.wait(PATIENCE_SECONDS), lambda answer: told.append(f"hung: {answer()}"))
    asking.ask("bot", lambda: True, lambda _: asking.ask("pause", lambda: True, tell))
    asking.wait()
    assert told == ["paused", "hung: True"]


def test_whoever_does_not_wait_for_long_hears_what_is_late_another_time_and_asks_it_no_second_time() -> None:
    asking, held, heard = AtOnce(1), Event(), list[str]()
    asked: list[str] = []

    def hang() -> bool:
        asked.append("late")
        return held.wait(PATIENCE_SECONDS)

    asking.ask("late", hang, lambda _: heard.append("late"))
    while not asked:  # It is begun by whoever waits.
        asking.wait(0.01)
    assert (asking.out, len(heard)) == (frozenset({"late"}), 0)
    asking.ask("late", hang, lambda _: heard.append("again"))
    asking.ask("other", lambda: True, lambda _: heard.append("other"))
    while "other" not in heard:  # The only thread of before still hangs.
        asking.wait(0.01)
    held.set()
    asking.wait()
    assert (asked, heard, asking.out) == (["late"], ["other", "late"], frozenset())


def test_whoever_gives_up_has_the_others_not_asked() -> None:
    asked: list[str] = []
    held, asking = Event(), AtOnce(2)

    def ask(name: str) -> bool:
        asked.append(name)
        return name == "bot0" or held.wait(PATIENCE_SECONDS)

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    for number in range(200):
        asking.ask(f"bot{number}", partial(ask, f"bot{number}"), interrupt)
    with pytest.raises(KeyboardInterrupt):
        asking.wait()
    begun = len(asked)
    held.set()
    assert begun <= 4
    assert len(asked) <= begun + 2
