"""A wait ends with the wish to end and with a wake, and neither is ever lost."""

import os
import signal
import threading
import time

from pipeline.adapters.freqtrade.bot_ending import Ending

LONG = 600.0
SHORT = 0.2


def waited(ending: Ending, seconds: float) -> float:
    begun = time.monotonic()
    ending.wait(seconds)
    return time.monotonic() - begun


def test_a_wake_from_another_thread_ends_the_wait_and_wishes_for_nothing() -> None:
    ending = Ending()
    threading.Timer(SHORT, ending.wake).start()
    assert waited(ending, LONG) < LONG / 2
    assert not ending.asked


def test_a_wake_that_came_before_the_wait_counts_once() -> None:
    ending = Ending()
    for _ in range(100_000):  # more than a pipe holds
        ending.wake()
    assert waited(ending, LONG) < LONG / 2
    assert waited(ending, SHORT) >= SHORT


def test_a_wish_that_another_thread_is_told_of_ends_the_wait_as_well() -> None:
    """The kernel may interrupt any thread; Python runs the handler in the main one, which has to wake up for it."""
    ending = Ending()
    before = {wish: signal.getsignal(wish) for wish in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    done = threading.Event()

    def told() -> None:
        time.sleep(SHORT)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        done.wait(LONG / 2)

    other = threading.Thread(target=told, daemon=True)
    try:
        ending.listen()
        other.start()
        assert waited(ending, LONG / 20) < LONG / 40
        assert ending.asked
    finally:
        done.set()
        ending.forget()
        for wish, handler in before.items():
            signal.signal(wish, handler)


def test_a_wish_ends_every_wait_from_then_on_however_often_it_is_uttered() -> None:
    ending = Ending()
    before = {wish: signal.getsignal(wish) for wish in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    wishes = [
        threading.Timer(SHORT, os.kill, (os.getpid(), wish)) for wish in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT)
    ]
    try:
        ending.listen()
        for wish in wishes:
            wish.start()
        assert waited(ending, LONG) < LONG / 2
        assert ending.asked
        for wish in wishes:
            wish.join()
        assert waited(ending, LONG) < LONG / 2
        assert waited(ending, LONG) < LONG / 2
    finally:
        for wish in wishes:  # one that came after its handler was taken away would end all tests
            wish.join()
        ending.forget()
        for wish, handler in before.items():
            signal.signal(wish, handler)
