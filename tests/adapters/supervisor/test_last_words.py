"""The exception that a bot ended with, out of all that it printed."""

from pathlib import Path

import pytest

from pipeline.adapters.supervisor.last_words import last_lines, last_words
from pipeline.adapters.supervisor.launcher import BEGINS

TRACE = """\
Traceback (most recent call last):
  File "bot.py", line 1, in <module>
    trade()
    ~~~~~^^
KeyError: 'BTC/USDT'
"""


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output.log"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("\n \n", ""),
        ("one\ntwo\n", "two"),
        (TRACE, "KeyError: 'BTC/USDT'"),
        (
            TRACE + "\nDuring handling ...\n\n" + TRACE.replace("KeyError: 'BTC/USDT'", "ValueError: no"),
            "ValueError: no",
        ),
        (TRACE + "2026-01-01 shutting down\n", "KeyError: 'BTC/USDT'"),
        (TRACE + f"{BEGINS} (process 7)\nfine\n", "fine"),
        (TRACE + f"{BEGINS} (process 7)\n", ""),
        ("Traceback (most recent call last):\n  File", ""),
        ("x" * 1000, "x" * 300),
    ],
)
def test_the_last_exception_of_the_latest_run(output: Path, text: str, words: str) -> None:
    output.write_text(text)
    assert last_words(output) == words


def test_only_the_end_of_a_long_output_is_read(output: Path) -> None:
    output.write_text("ValueError: old\n" + ("." * 99 + "\n") * 10_000 + TRACE)
    assert last_words(output) == "KeyError: 'BTC/USDT'"
    output.write_bytes(b"\xff\xfe broken \x00")
    assert "broken" in last_words(output)


def test_a_bot_that_printed_nothing_yet_has_no_words(output: Path) -> None:
    assert last_words(output) == ""
    assert last_lines(output, 5) == ""


def test_last_lines_come_from_older_parts_too(output: Path) -> None:
    output.with_name("output.log.2").write_text("1\n2\n")
    output.with_name("output.log.1").write_text("3\n4\n")
    output.write_text("5\n")
    assert last_lines(output, 2) == "4\n5\n"
    assert last_lines(output, 4) == "2\n3\n4\n5\n"
    assert last_lines(output, 99) == "1\n2\n3\n4\n5\n"
