"""What `status` says of those who are told: which channels, and what does not work since when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.domain.notice_line import notice_line
from pipeline.domain.notices import Notice, Outbox
from pipeline.domain.train.status import Line, Overview
from pipeline.render import status as render

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
JUST, LONG_AGO = NOW - timedelta(seconds=9), NOW - timedelta(minutes=5)


def test_the_screen_says_who_could_not_be_told_and_that_wants_a_look() -> None:
    line = Line("test", "dip", "sha256:" + "a" * 64, NOW, "", "up", "yes", 0, True)
    box = Outbox().with_channels(("telegram", "discord")).with_one(Notice(JUST, "test", "braked"))
    well = notice_line("test", ("telegram", "discord"), box.delivered("telegram", 1, NOW).delivered("discord", 1, NOW))
    said = render.text(Overview((line,), notices=(well,)), 160)
    assert "test: telegram and discord are told what happens, the last time at 2026-01-02 12:00:00 UTC." in said
    assert said.endswith("All 1 are as they should be.\n")
    failing = (
        box.delivered("telegram", 1, NOW)
        .failed("discord", "no answer in time", LONG_AGO)
        .worked("ping", NOW, "its name is not known")
    )
    ill = notice_line("test", ("telegram", "discord"), failing)
    said = " ".join(render.text(Overview((line,), notices=(ill,)), 160).split())
    assert (
        "discord could not be told since 2026-01-02 11:55:00 UTC: no answer in time (1 wait, and is tried again at 2026-01-02 11:55:10 UTC)"
        in said
    )
    assert "the ping does not work since 2026-01-02 12:00:00 UTC: its name is not known" in said
    assert said.endswith("All 1 are as they should be. Not everybody could be told.")
    document = render.document(Overview((line,), notices=(ill,)))
    assert document["outcome"] == "LOOK"
    assert render.document(Overview((line,), notices=(well,)))["outcome"] == "DONE"


def test_messages_of_other_chats_and_notices_without_room_are_counted() -> None:
    box = replace(Outbox().with_channels(("telegram",)), ignored=3, dropped=2)
    told = notice_line("test", ("telegram",), box).told
    assert told == (
        "telegram is told what happens, and nothing was to be told yet; 2 notices had no room; 3 messages from other chats were ignored"
    )
