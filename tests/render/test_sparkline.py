"""A curve in a line of text."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.render.sparkline import BLOCKS, sparkline, without_curves

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def drawn(*values: float | None) -> str:
    points = [(BEGAN + HOUR * place, value) for place, value in enumerate(values) if value is not None]
    return sparkline(points[::-1], BEGAN, BEGAN + HOUR * len(values), len(values))


def test_it_goes_from_the_lowest_to_the_highest() -> None:
    assert drawn(*range(8)) == BLOCKS
    assert drawn(100.0, 107.0, 100.0) == "▁█▁"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((1.0, None, 3.0), "▁·█"),
        ((5.0, 5.0), "▅▅"),
        ((5.0, None), ""),
        ((), ""),
        ((1.0, float("nan"), 2.0, float("inf")), "▁·█·"),
    ],
    ids=["a hole", "it stands still", "one value is no curve", "nothing", "what is no number was not seen"],
)
def test_what_was_not_seen_is_no_line(values: tuple[float | None, ...], told: str) -> None:
    assert (drawn(*values) if values else sparkline((), BEGAN, BEGAN + HOUR)) == told


def test_of_each_stretch_the_last_value_counts_and_what_is_outside_does_not() -> None:
    points = [
        (BEGAN + timedelta(minutes=m), float(v)) for m, v in ((-5, 99), (0, 7), (50, 1), (60, 3), (119, 2), (500, 50))
    ]
    assert sparkline(points, BEGAN, BEGAN + 2 * HOUR, 2) == "▁█"


def test_without_its_curves_a_text_keeps_every_other_line() -> None:
    text = f"dip: 3 trades.\n{drawn(*range(8))}\n\ntide ▁▂: none.\n·▁·█\n·"
    assert without_curves(text) == "dip: 3 trades.\n\ntide ▁▂: none."
