"""Windows that no data set can hold: those that end before they start, and those that overlap."""

from collections.abc import Iterator, Mapping

from pipeline.domain.windows import Point, WindowSpec


def disorder(windows: Mapping[int, WindowSpec]) -> Iterator[tuple[int, str]]:
    """Index and sentence for each window that is empty or overlaps an earlier one, as far as that shows without the data."""
    sound: dict[int, WindowSpec] = {}
    for index, window in windows.items():
        if _not_after(window.end, window.start):
            yield index, f"the window '{window.name}' ends before or where it starts"
            continue
        clash = next((other for other in sound.values() if _overlap(window, other)), None)
        if clash is not None:
            yield index, f"the window '{window.name}' overlaps '{clash.name}', so that trades would count twice"
        sound[index] = window


def _overlap(one: WindowSpec, other: WindowSpec) -> bool:
    return _before(one.start, other.end) and _before(other.start, one.end)


def _before(one: Point, other: Point) -> bool:
    """Whether one point certainly lies before the other, whatever the data."""
    order = _order(one, other)
    return order is not None and order < 0


def _not_after(one: Point, other: Point) -> bool:
    order = _order(one, other)
    return order is not None and order <= 0


def _order(one: Point, other: Point) -> float | None:
    """Below 0 where `one` comes first, 0 where they are the same moment, None where only the data can tell."""
    if one.date is not None and other.date is not None:
        return (one.date - other.date).total_seconds()
    if one.share is not None and other.share is not None:
        return one.share - other.share
    back_one, back_other = _before_end(one), _before_end(other)
    if back_one is not None and back_other is not None:
        return back_other - back_one
    if one.share == 0.0 or other.share == 1.0:
        return -1.0
    if one.share == 1.0 or other.share == 0.0:
        return 1.0
    return None


def _before_end(point: Point) -> float | None:
    if point.before_end is not None:
        return point.before_end.total_seconds()
    return 0.0 if point.share == 1.0 else None
