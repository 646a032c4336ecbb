"""Windows fit every data set, or say why not."""

from datetime import UTC, datetime, timedelta

from pipeline.domain.windows import Point, Window, WindowSpec, resolve

HOUR = timedelta(hours=1)
FIRST, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 11, tzinfo=UTC)


def spec(name: str, start: Point, end: Point) -> WindowSpec:
    return WindowSpec(name, start, end)


def test_shares_distances_and_dates_name_moments() -> None:
    specs = (
        spec("share", Point(share=0.1), Point(share=0.2)),
        spec("back", Point(before_end=timedelta(days=5)), Point(before_end=timedelta(days=4))),
        spec("date", Point(date=datetime(2025, 1, 10, tzinfo=UTC)), Point(share=1.0)),
    )
    windows, misfits = resolve(specs, FIRST, END, HOUR)
    assert misfits == ()
    assert windows == (
        Window("share", datetime(2025, 1, 2, tzinfo=UTC), datetime(2025, 1, 3, tzinfo=UTC)),
        Window("back", datetime(2025, 1, 6, tzinfo=UTC), datetime(2025, 1, 7, tzinfo=UTC)),
        Window("date", datetime(2025, 1, 10, tzinfo=UTC), END),
    )


def test_moments_are_rounded_down_to_a_candle() -> None:
    windows, _ = resolve((spec("w", Point(share=0.123), Point(share=0.5)),), FIRST, END, timedelta(hours=4))
    assert windows[0].start == datetime(2025, 1, 2, 4, tzinfo=UTC)


def test_a_window_outside_the_data_is_named_with_both_ranges() -> None:
    windows, misfits = resolve((spec("w", Point(before_end=timedelta(days=30)), Point(share=1.0)),), FIRST, END, HOUR)
    assert windows == ()
    assert misfits[0].message == (
        "window 'w' (2024-12-12 00:00 to 2025-01-11 00:00) lies outside the data (2025-01-01 00:00 to 2025-01-11 00:00)"
    )


def test_an_empty_window_and_an_overlap_are_misfits() -> None:
    specs = (
        spec("a", Point(share=0.1), Point(share=0.5)),
        spec("b", Point(share=0.4), Point(share=0.6)),
        spec("c", Point(share=0.7), Point(share=0.7)),
    )
    windows, misfits = resolve(specs, FIRST, END, HOUR)
    assert [window.name for window in windows] == ["a"]
    assert [misfit.index for misfit in misfits] == [1, 2]
    assert "overlaps window 'a'" in misfits[0].message
    assert "fewer than two candles of 1h" in misfits[1].message
