"""A line for programs that collect logs: whose it is, how much it matters, and what happened."""

import json
from datetime import UTC, datetime

import pytest

from pipeline.render.log_lines import Level, log_line

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "environment", "told"),
    [
        ("sma_trend: its bot starts", "test", ("info", "test", "sma_trend", "its bot starts")),
        ("test: sma_trend: braked by x: 3 %", "test", ("warning", "test", "sma_trend", "braked by x: 3 %")),
        ("test: nobody watches: the disk", "test", ("warning", "test", "", "nobody watches: the disk")),
        ("nobody watches 'test' any more", "test", ("info", "test", "", "nobody watches 'test' any more")),
        ("test: sma_trend: loads", "", ("info", "", "", "test: sma_trend: loads")),
    ],
)
def test_environment_and_strategy_are_fields_of_their_own(text: str, environment: str, told: tuple[str, ...]) -> None:
    line = json.loads(log_line(text, AT, environment))
    assert tuple(line[key] for key in ("level", "environment", "strategy", "message")) == told
    assert line["time"] == "2026-03-01T12:00:00.123Z"
    assert list(line) == ["time", "level", "environment", "strategy", "message"]


def test_a_text_of_several_lines_and_strange_characters_stays_one_line() -> None:
    text = 'a\nb\r\u2028"\x1b[31m ü'
    line = log_line(text, AT, level=Level.ERROR, hint="look", trace="Traceback\n")
    assert len(line.split("\n")) == 1
    found = json.loads(line)
    assert (found["message"], found["level"], found["hint"], found["traceback"]) == (
        text,
        "error",
        "look",
        "Traceback\n",
    )
