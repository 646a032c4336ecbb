"""Three crashes within ten minutes, and what is no crash."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.restarts import Aftermath, after_crash, after_exit

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def minutes(*numbers: float) -> tuple[datetime, ...]:
    return tuple(NOON + timedelta(minutes=number) for number in numbers)


def test_the_first_two_crashes_are_followed_by_a_restart_and_the_third_is_not() -> None:
    first = after_exit(1, "ValueError: no", (), NOON)
    assert first == Aftermath(True, False, "it ended with exit code 1: ValueError: no", minutes(0))
    second = after_exit(1, "ValueError: no", first.crashes, NOON + timedelta(minutes=1))
    assert (second.restart, second.crashes) == (True, minutes(0, 1))
    third = after_exit(1, "KeyError: 'x'", second.crashes, NOON + timedelta(minutes=9.9))
    assert third == Aftermath(
        False,
        True,
        "it crashed 3 times within 10 minutes and stays down; the last time it ended with exit code 1: KeyError: 'x'",
        minutes(0, 1, 9.9),
    )


def test_a_crash_is_forgotten_after_ten_minutes() -> None:
    what = after_exit(1, "", minutes(0, 5), NOON + timedelta(minutes=10))
    assert (what.restart, what.crashes) == (True, minutes(5, 10))


def test_a_clock_that_was_set_back_forgets_no_crash() -> None:
    assert not after_exit(1, "", minutes(60, 61), NOON).restart


def test_a_signal_is_a_crash_that_says_so() -> None:
    what = after_exit(-1, "", (), NOON)
    assert (what.restart, what.reason) == (True, "it ended by a signal (out of memory, or somebody killed it)")


@pytest.mark.parametrize(("code", "gave_up"), [(0, False), (2, True)])
def test_an_end_that_is_no_crash_is_left_alone_and_counts_nothing(code: int, gave_up: bool) -> None:
    what = after_exit(code, "", minutes(-1), NOON)
    assert (what.restart, what.gave_up, what.crashes) == (False, gave_up, minutes(-1))


def test_a_crash_of_known_cause_counts_like_any_other() -> None:
    assert after_crash("it used 3 MiB", minutes(-2, -1), NOON).gave_up
    assert after_crash("it used 3 MiB", (), NOON) == Aftermath(True, False, "it used 3 MiB", minutes(0))
