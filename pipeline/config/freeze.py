"""Freeze windows as a file writes them: stretches of the week, of the day or of the calendar, in a named time zone."""

from datetime import UTC, date, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pipeline.config.money import Moment
from pipeline.config.problems import did_you_mean
from pipeline.config.small_yaml import Route
from pipeline.config.source import Source, check_part
from pipeline.config.trading_file import FreezeWindowEntry
from pipeline.domain.trading.freeze import DateSpan, Freeze, WallTimeSpan
from pipeline.errors import Problem


def read_freeze(source: Source, route: Route) -> tuple[Freeze, tuple[Problem, ...]]:
    """The freeze windows at a route, and the problems that only their meaning shows; entries with problems of form are passed over."""
    problems: list[Problem] = []
    spans: dict[str, WallTimeSpan | DateSpan] = {}
    written = source.at((*route, "windows"))
    for index in range(len(written) if isinstance(written, list) else 0):
        here = (*route, "windows", index)
        entry = check_part(FreezeWindowEntry, source, here)
        if entry is None:
            continue
        if entry.name in spans:
            problems.append(source.problem((*here, "name"), f"there are two freeze windows '{entry.name}'"))
        span = _span(entry.name, entry.start, entry.end)
        if isinstance(span, str):
            problems.append(source.problem((*here, "to"), span))
        else:
            spans[entry.name] = span
    name = source.at((*route, "time_zone"))
    zone = _zone(name) if isinstance(name, str) else UTC
    if zone is None:
        problems.append(source.problem((*route, "time_zone"), f"is no time zone that this machine knows{_meant(name)}"))
    time_zone = name if isinstance(name, str) else "UTC"
    return Freeze(time_zone, tuple(spans.values()), zone or UTC), tuple(problems)


def _span(name: str, start: Moment, end: Moment) -> WallTimeSpan | DateSpan | str:
    """The window between two points, or why there is none."""
    if isinstance(start, date) or isinstance(end, date):
        if not (isinstance(start, date) and isinstance(end, date)):
            return "must have the same form as from: two dates, two times of the week, or two times of day"
        return DateSpan(name, start, end) if start < end else "is not after from; a date is the first day that is free"
    if start[0] != end[0]:
        return "must have the same form as from: two dates, two times of the week, or two times of day"
    if start[1] == end[1]:
        return "is where it starts: a freeze without an end is promotion: manual"
    return WallTimeSpan(name, start[1], end[1], daily=start[0] == "daily")


def _zone(name: str) -> tzinfo | None:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _meant(name: object) -> str:
    return (
        did_you_mean(str(name), tuple(sorted(available_timezones()))) or "; write UTC, or a name such as Europe/Vienna"
    )
