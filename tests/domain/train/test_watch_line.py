"""What `status` says about the watch: who, since when, when it looked last, and whether live bots may enter by it."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.bot import BotState
from pipeline.domain.train.status import Line, Overview, WatchLine, watch_line
from pipeline.domain.watch_process import RunningWatch, WatchSpec
from pipeline.render import status as render

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
JUST, LONG_AGO = NOW - timedelta(seconds=9), NOW - timedelta(minutes=5)
UP = RunningWatch(WatchSpec("test", "/d", "/d/test/watch", "sha256:1"), BotState.RUNNING, LONG_AGO, 7)
DOWN = RunningWatch(UP.spec, BotState.DOWN, LONG_AGO, reason="it ended with exit code 3: no such file")
BY = "watch by anna (process 7) since 2026-01-02 11:55:00 UTC"


@pytest.mark.parametrize(
    ("found", "by", "looked", "told", "well"),
    [
        (UP, BY, (JUST, JUST), "watched since 2026-01-02 11:55 UTC", True),
        (None, BY, (JUST, JUST), f"watched: {BY}", True),
        (DOWN, BY, (JUST, JUST), f"watched: {BY}", True),
        (UP, "", (LONG_AGO, LONG_AGO), "its watch is beginning", False),
        (DOWN, "", (JUST, JUST), "nobody watches: it ended with exit code 3: no such file", False),
        (None, "", (None, None), "nobody watches", False),
        (UP, BY, (LONG_AGO, LONG_AGO), "watched since 2026-01-02 11:55 UTC", False),
        (
            UP,
            BY,
            (JUST, LONG_AGO),
            "watched since 2026-01-02 11:55 UTC, and does not keep the lease, so that live bots stop entering",
            False,
        ),
    ],
)
def test_the_watch_is_told_in_words_and_a_silent_one_wants_a_look(
    found: RunningWatch | None, by: str, looked: tuple[datetime | None, datetime | None], told: str, well: bool
) -> None:
    line = watch_line("test", found, by, looked, NOW)
    assert (line.told, line.well, line.looked_at) == (told, well, looked[0])


def test_the_screen_says_who_watches_and_counts_what_is_unwatched() -> None:
    line = Line("test", "dip", "sha256:" + "a" * 64, NOW, "", "up", "yes", 0, True)
    watches = (
        WatchLine("test", "watched since 2026-01-02 11:55 UTC", JUST, JUST, True),
        WatchLine("prod", "nobody watches", None, None, False),
    )
    said = render.text(Overview((line,), watches), 120)
    assert "test: watched since 2026-01-02 11:55 UTC; its last round was at 2026-01-02 11:59:51 UTC." in said
    assert "prod: nobody watches." in said
    assert said.endswith("All 1 are as they should be. 1 is not watched.\n")
    assert render.document(Overview((line,), watches))["outcome"] == "LOOK"
    assert render.document(Overview((line,), watches[:1]))["outcome"] == "DONE"
