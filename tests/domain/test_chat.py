"""What may be asked from a chat, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.chat import Message, Request, Wants, too_old, understood

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/status", Request(Wants.STATUS)),
        (" /STATUS@my_bot ", Request(Wants.STATUS)),
        ("/stop", Request(Wants.STOP)),
        ("/stop all", Request(Wants.STOP)),
        ("/stop@my_bot dip tide dip", Request(Wants.STOP, ("dip", "tide"))),
        *(
            (text, Request(Wants.HELP))
            for text in ("", "stop", "/start", "/release dip", "/forcebuy BTC/USDT", "/ stop", "//stop")
        ),
        ("/status now", Request(Wants.HELP)),
    ],
)
def test_a_message_is_understood_or_answered_with_help(text: str, wanted: Request) -> None:
    assert understood(text) == wanted


@pytest.mark.parametrize(
    ("age", "old"),
    [
        (timedelta(minutes=9), False),
        (timedelta(minutes=11), True),
        (timedelta(minutes=-4), False),
        (timedelta(days=-1), True),
    ],
)
def test_what_waited_for_long_asks_for_nothing_any_more(age: timedelta, old: bool) -> None:
    assert too_old(Message(1, "7", "ada", NOW - age, "/stop"), NOW) is old
