"""What a bot's loop does is read in its log."""

from datetime import UTC, datetime

import pytest

from pipeline.domain.bot_log import READY, is_ready, loop_state, new_lines
from pipeline.domain.bot_report import LogLine, Trading

AT = datetime(2026, 1, 1, tzinfo=UTC)


def line(text: str, logger: str = "freqtrade.worker") -> LogLine:
    return LogLine(AT, logger, "INFO", text)


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        ([], None),
        (["Changing state to: PAUSED"], Trading.PAUSED),
        (["Changing state to: PAUSED", "Changing state from PAUSED to: RUNNING", "something"], Trading.RUNNING),
        (["Changing state from RUNNING to: STOPPED"], Trading.STOPPED),
        (["Bot heartbeat. PID=1, version='2026.9, strategy_version: x', state='STOPPED'"], Trading.STOPPED),
        (["Changing state from RUNNING to: STOPPED", "Changing state from STOPPED to: DANCING"], Trading.STOPPED),
    ],
)
def test_the_last_word_of_the_loop_counts(texts: list[str], state: Trading | None) -> None:
    assert loop_state([line(text) for text in texts]) is state


def test_another_logger_s_words_do_not_count() -> None:
    assert loop_state([line("Changing state from RUNNING to: STOPPED", "strategy")]) is None


def test_lines_that_were_known_are_not_new() -> None:
    old, new = line("Changing state from RUNNING to: STOPPED"), line("Changing state from STOPPED to: RUNNING")
    assert new_lines([old, new], {old}) == (new,)


@pytest.mark.parametrize(
    ("output", "ready"),
    [
        ("", False),
        (f"something\nbot: {READY}, which x (process 1) holds\n", True),
        (f"bot: {READY}, which x (process 1) holds\nbot: no entries: the bot is braked\n", False),
        (f"2026-01-01 - strategy - INFO - bot: {READY}\n", False),
    ],
)
def test_a_bot_is_ready_while_that_is_its_last_word(output: str, ready: bool) -> None:
    assert is_ready(output) is ready
