"""`Board:` lines: read exactly, and a line that was meant to be one is never passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.train.board_lines import Override, board_lines


def test_a_line_names_a_strategy_and_a_reason() -> None:
    found = board_lines("Release 1.4\n\nBoard: sma_trend it is a fix: the stop was wrong\nBoard: mean x\n")
    assert found.overrides == (
        Override("sma_trend", "it is a fix: the stop was wrong"),
        Override("mean", "x"),
    )
    assert found.problems == ()


def test_a_message_without_such_lines_asks_for_nothing() -> None:
    assert board_lines("Release 1.4\n\nAll aboard: have fun. We board at noon.\n") == board_lines("")


@pytest.mark.parametrize(
    "line",
    [
        "Board: sma_trend",
        "Board: sma_trend ",
        "Board:",
        "Board: SMA reason",
        "Board: ../x reason",
        "board: sma_trend reason",
        "BOARD : sma_trend reason",
        "  Board: sma_trend reason",
        "- Board: sma_trend reason",
        "Board:sma_trend reason",
        "Board:  sma_trend reason",
        "Board= sma_trend reason",
        "Board: sma_trend rea\x1b[2Json",
    ],
)
def test_a_line_that_is_nearly_one_is_a_problem_with_its_number(line: str) -> None:
    found = board_lines(f"Release\n{line}\n")
    assert found.overrides == ()
    assert len(found.problems) == 1
    assert found.problems[0].startswith("line 2 of the tag's message is not 'Board: <id> <reason>'")


def test_a_strategy_that_is_named_twice_is_a_problem() -> None:
    found = board_lines("Board: one a\nBoard: one b")
    assert found.problems == ("line 2 of the tag's message names 'one' once more",)


def test_lines_after_a_signature_are_not_read() -> None:
    assert board_lines("v1\n-----BEGIN SSH SIGNATURE-----\nBoard: one why\n") == board_lines("v1")


@given(st.text())
def test_any_message_can_be_read(message: str) -> None:
    found = board_lines(message)
    assert all(override.reason.strip() and override.strategy for override in found.overrides)
