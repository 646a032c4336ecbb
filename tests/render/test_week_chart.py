"""A week laid out: what is where on the paper, and that nothing ever leaves it."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.week_picture import MOST_RETURN, WeekLine, WeekMark, WeekPicture
from pipeline.render.drawing import Area, Dot, Shape, Stroke, Words
from pipeline.render.week_chart import (
    COLOURS,
    HEIGHT,
    LABEL,
    LETTER,
    OTHERS,
    SPACING,
    WIDTH,
    percent,
    week_chart,
)
from tests.domain.test_week_picture import HOUR, PICTURE, SINCE, UNTIL, straight


def words(shapes: tuple[Shape, ...]) -> list[str]:
    return [shape.text for shape in shapes if isinstance(shape, Words)]


def strokes(shapes: tuple[Shape, ...], colour: str, width: float = 4.0) -> list[Stroke]:
    return [one for one in shapes if isinstance(one, Stroke) and (one.colour, one.width) == (colour, width)]


def week(*lines: WeekLine, marks: tuple[WeekMark, ...] = (), more: int = 0) -> tuple[Shape, ...]:
    return week_chart(WeekPicture("prod", SINCE, UNTIL, lines, marks, more))


def test_it_says_which_environment_and_week_it_is_and_names_each_line_with_what_it_made() -> None:
    told = words(week_chart(PICTURE))
    assert told[:2] == ["prod · week 02 of 2026", "05 Jan to 12 Jan 2026, UTC: return of each strategy"]
    assert {"+5.00 % dip", "-3.00 % tide", "0 %", "Mon 05", "Tue 06", "Sun 11", "deployed", "braked"} < set(told)
    assert "rolled back" not in told


def test_what_earned_goes_up_and_what_lost_goes_down_and_both_from_left_to_right() -> None:
    shapes = week_chart(PICTURE)
    (up,), (down,) = strokes(shapes, COLOURS[0]), strokes(shapes, COLOURS[1])
    assert all(before[1] > after[1] and before[0] < after[0] for before, after in pairwise(up.points))
    assert all(before[1] < after[1] and before[0] < after[0] for before, after in pairwise(down.points))
    assert len(up.points) == len(PICTURE.lines[0].returns)


def test_a_mark_lies_on_its_line_and_has_a_shape_of_its_own() -> None:
    shapes = week_chart(PICTURE)
    deployed, braked = [shape for shape in shapes if isinstance(shape, Area)][:2]
    (up,), (down,) = strokes(shapes, COLOURS[0]), strokes(shapes, COLOURS[1])
    assert (len(deployed.points), len(braked.points)) == (3, 4)
    assert (deployed.colour, braked.colour) == COLOURS[:2]
    assert centre(deployed) == pytest.approx(up.points[42], abs=5)
    assert centre(braked) == pytest.approx(down.points[84], abs=5)


def centre(area: Area) -> tuple[float, float]:
    x, y = zip(*area.points, strict=True)
    return (min(x) + max(x)) / 2, (min(y) + max(y)) / 2


def test_where_nobody_looked_there_is_no_line_and_a_single_look_is_a_dot() -> None:
    broken = WeekLine("dip", (0.0, 0.01, None, 0.02, 0.03, None, 0.01))
    shapes = week(broken)
    assert [len(one.points) for one in strokes(shapes, COLOURS[0])] == [2, 2]
    assert len([one for one in shapes if isinstance(one, Dot)]) == 1


def test_labels_never_touch_each_other() -> None:
    shapes = week(*(straight(f"s{number}", 0.01 + number / 1e6) for number in range(8)))
    heights = sorted(one.y for one in shapes if isinstance(one, Words) and one.size == LABEL)
    assert len(heights) == 8
    assert all(after - before >= SPACING - 1e-9 for before, after in pairwise(heights))


def test_more_strategies_than_anybody_tells_apart_are_grey_and_counted() -> None:
    shapes = week(*(straight(f"s{number:02}", number / 100) for number in range(12)), more=5)
    assert len(strokes(shapes, OTHERS, 3.0)) == 12 - len(COLOURS)
    assert words(shapes)[-1] == "4 more in grey, 5 not drawn"
    assert "+11.00 % s11" in words(shapes)
    assert not any("s03" in text for text in words(shapes))


def test_a_name_that_is_too_long_is_cut() -> None:
    assert "+1.00 % a_strategy_with_a…" in words(week(straight("a_strategy_with_a_very_long_name", 0.01)))


def test_marks_that_would_lie_on_each_other_stand_above_each_other() -> None:
    at = SINCE + 80 * HOUR
    marks = tuple(WeekMark(at, "dip", kind) for kind in ("deployed", "braked", "rolled_back", "unknown"))
    shapes = week(straight("dip", 0.01), marks=marks)
    heights = [centre(shape)[1] for shape in shapes if isinstance(shape, Area)][:3]
    assert heights[0] > heights[1] > heights[2]
    assert len([shape for shape in shapes if isinstance(shape, Area)]) == 6  # and the legend's


def test_a_week_in_which_nothing_happened_is_a_flat_line() -> None:
    shapes = week(straight("dip", 0.0))
    assert "+0.00 % dip" in words(shapes)
    (line,) = strokes(shapes, COLOURS[0])
    assert len({y for _, y in line.points}) == 1


@pytest.mark.parametrize(
    ("value", "told"), [(0.0, "+0.00 %"), (-1e-9, "+0.00 %"), (-0.012345, "-1.23 %"), (12.0, "+1,200 %")]
)
def test_returns_are_told_in_percent(value: float, told: str) -> None:
    assert percent(value) == told


RETURNS = st.one_of(st.none(), st.floats(-MOST_RETURN, MOST_RETURN), st.floats(-0.01, 0.01))
LINES = st.lists(
    st.builds(WeekLine, st.text(max_size=40), st.lists(RETURNS, min_size=1, max_size=30).map(tuple)).filter(
        lambda line: any(value is not None for value in line.returns)
    ),
    min_size=1,
    max_size=15,
    unique_by=lambda line: line.strategy,
)
MARKS = st.lists(
    st.builds(
        WeekMark,
        st.integers(-10, 200).map(lambda hours: SINCE + timedelta(hours=hours)),
        st.just("dip"),
        st.sampled_from(["deployed", "braked", "rolled_back", "other"]),
    ),
    max_size=6,
)


@given(LINES, MARKS, st.integers(0, 1000))
def test_whatever_the_week_was_nothing_leaves_the_paper(
    lines: list[WeekLine], marks: list[WeekMark], more: int
) -> None:
    own = tuple(WeekMark(mark.at, lines[0].strategy, mark.kind) for mark in marks)
    for shape in week(*lines, marks=own, more=more):
        for x, y in spots(shape):
            assert -1e-6 <= x <= WIDTH + 1e-6, shape
            assert -1e-6 <= y <= HEIGHT + 1e-6, shape


def spots(shape: Shape) -> list[tuple[float, float]]:
    if isinstance(shape, Stroke | Area):
        return list(shape.points)
    if isinstance(shape, Dot):
        return [(shape.x, shape.y)]
    wide = LETTER * shape.size * len(shape.text)
    left = shape.x - {"l": 0.0, "m": wide / 2, "r": wide}[shape.anchor]
    return [(left, shape.y - shape.size / 2), (left + wide, shape.y + shape.size / 2)]
