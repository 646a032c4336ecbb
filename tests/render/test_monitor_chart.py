"""Pictures are paths within their frame, broken where nothing is known, and what a strategy says is text in them."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from pipeline.domain.monitor.curve import Gap
from pipeline.domain.monitor.story import Happened
from pipeline.render.monitor_chart import HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, Line, nice_ticks, svg

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def chart(*runs: tuple[tuple[float, float], ...], stepped: bool = False, **more: object) -> str:
    line = Line("equity", tuple(tuple((BEGAN + at * DAY, value) for at, value in run) for run in runs), stepped)
    return str(svg(Chart("worth", BEGAN, BEGAN + 10 * DAY, (line,), **more)))  # type: ignore[arg-type]


def paths(picture: str, kind: str = "equity") -> list[str]:
    return re.findall(rf'<path class="{kind}" d="([^"]+)"', picture)


def test_each_run_is_a_path_of_its_own() -> None:
    assert len(paths(chart(((0, 1.0), (2, 2.0)), ((5, 2.0), (10, 3.0))))) == 2


def test_the_first_and_last_looks_stand_at_the_ends_and_the_lowest_and_highest_ticks_too() -> None:
    (drawn,) = paths(chart(((0, 10.0), (10, 20.0))))
    assert drawn == f"M{LEFT:.1f} {HEIGHT - 20:.1f}L{WIDTH - RIGHT:.1f} {TOP:.1f}"


def test_a_balance_holds_until_it_changes() -> None:
    (drawn,) = paths(chart(((0, 10.0), (5, 20.0)), stepped=True))
    assert re.fullmatch(r"M[\d. ]+H[\d.]+V[\d.]+", drawn)


def test_a_single_look_is_a_dot_and_no_look_is_no_picture() -> None:
    assert '<circle class="equity dot"' in chart(((3, 5.0),))
    assert chart() == ""


def test_a_gap_is_drawn_however_short_it_is_and_says_why() -> None:
    picture = chart(
        ((0, 1.0), (9, 2.0)), gaps=(Gap(BEGAN + DAY, BEGAN + DAY + timedelta(seconds=1), 'it was "down" <b>'),)
    )
    (wide,) = re.findall(r'<rect class="gap" [^>]*width="([\d.]+)"', picture)
    assert float(wide) >= 1.5
    assert "it was &#34;down&#34; &lt;b&gt;" in picture


def test_marks_say_what_happened_as_text() -> None:
    mark = Happened(BEGAN + DAY, "deployed", "trend", "sha256:1", "</title><script>alert(1)</script>")
    picture = chart(((0, 1.0), (9, 2.0)), marks=(mark,))
    assert 'class="mark good"' in picture
    assert "<script" not in picture


def test_nothing_is_drawn_outside_of_the_frame_whatever_the_times_are() -> None:
    picture = chart(((-5, 1.0), (30, 2.0)))
    (drawn,) = paths(picture)
    assert [float(x) for x in re.findall(r"[ML]([\d.-]+) ", drawn)] == [LEFT, WIDTH - RIGHT]


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (998.2, 1003.9), (1000, 1000), (0, 0), (-5, -5), (-3, 12345), (1e-9, 2e-9), (1e12, 1e12 + 1), (0.1, 0.30000000001)]
)  # fmt: skip
def test_ticks_enclose_what_is_drawn_and_are_few_and_even(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] <= low + abs(low) * 1e-9
    assert ticks[-1] >= high - abs(high) * 1e-9
    steps = [after - before for before, after in pairwise(ticks)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)
