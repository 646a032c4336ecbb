"""What a list of thresholds says besides its form: bounds that are there, can be met, can be missed, and stand once."""

from collections.abc import Iterator

from pipeline.config.fields import ThresholdEntry
from pipeline.config.small_yaml import Route
from pipeline.config.source import Source, check_part
from pipeline.domain.bounds import MARKET_METRICS, idle_bounds
from pipeline.domain.metrics import LUCK_METRICS, METRICS, RUNNING_METRICS, WHOLE_METRICS
from pipeline.domain.policy import Span, Threshold, contradictions
from pipeline.errors import Problem


def read_thresholds(
    source: Source, route: Route, windows: int | None = None, *, observed: bool = False
) -> tuple[tuple[Threshold, ...], tuple[Problem, ...]]:
    """The well-formed thresholds of the list at a route, and the problems that only their meaning shows.

    Entries with problems of form are passed over: the check of the whole file has told those. `windows` is how many there are, where known;
    `observed` says that running bots are judged, and not history.
    """
    data = source.at(route)
    entries = {
        index: entry
        for index in range(len(data) if isinstance(data, list) else 0)
        if (entry := check_part(ThresholdEntry, source, (*route, index))) is not None
    }
    problems = [
        problem for index, entry in entries.items() for problem in _alone(source, (*route, index), entry, windows)
    ]
    if not observed:
        problems += [
            problem for index, entry in entries.items() for problem in _running(source, (*route, index), entry)
        ]
    bounded = {index: entry.threshold() for index, entry in entries.items() if entry.bounds and not _doubled(entry)}
    problems += _together(source, route, bounded)
    return tuple(bounded.values()), tuple(problems)


def _alone(source: Source, route: Route, entry: ThresholdEntry, windows: int | None) -> Iterator[Problem]:
    if not entry.bounds:
        yield source.problem(route, "demands nothing; give at least one of above, at_least, at_most, below")
    for key, bound in entry.bounds.items():
        if bound.percent and METRICS[entry.metric].unit != "ratio":
            yield source.problem((*route, key), f"{entry.metric} is no ratio, so its bound cannot be a percentage")
    for sides in _doubled(entry):
        yield source.problem((*route, sides[1]), f"{sides[0]} and {sides[1]} bound the same side; keep one of them")
    if entry.metric in WHOLE_METRICS and entry.scope.span is not Span.ALL_TOGETHER:
        yield source.problem((*route, "scope"), f"{entry.metric} is measured over all windows only: write all_together")
    yield from _reference(source, route, entry)
    if entry.scope.span is Span.K_OF_N and windows is not None and entry.scope.n != windows:
        yield source.problem((*route, "scope"), f"speaks of {entry.scope.n} windows, but there are {windows}")
    if entry.bounds and not _doubled(entry):
        for key, words in idle_bounds(entry.threshold()):
            yield source.problem((*route, key), words)


def _running(source: Source, route: Route, entry: ThresholdEntry) -> Iterator[Problem]:
    """What only running bots have."""
    if entry.metric in RUNNING_METRICS:
        yield source.problem((*route, "metric"), f"{entry.metric} is measured of running bots only")
    if entry.relative_to == "backtest":
        yield source.problem(
            (*route, "relative_to"), "is known only where bots run: here the backtest itself is judged"
        )


def _reference(source: Source, route: Route, entry: ThresholdEntry) -> Iterator[Problem]:
    """Whether what the number is compared with is measured at all."""
    if entry.relative_to == "incumbent" and entry.metric in LUCK_METRICS:
        yield source.problem(
            (*route, "relative_to"), f"{entry.metric} is measured of candidates only, not of what they replace"
        )
    if entry.relative_to == "market" and entry.metric not in MARKET_METRICS:
        known = ", ".join(MARKET_METRICS)
        yield source.problem((*route, "relative_to"), f"the market has no {entry.metric}; it has {known}")


def _doubled(entry: ThresholdEntry) -> list[tuple[str, str]]:
    return [
        sides for sides in (("above", "at_least"), ("below", "at_most")) if all(side in entry.bounds for side in sides)
    ]


def _together(source: Source, route: Route, thresholds: dict[int, Threshold]) -> Iterator[Problem]:
    indexes = list(thresholds)
    told = set()
    for position, words in contradictions(tuple(thresholds.values())):
        told.add(indexes[position])
        yield source.problem((*route, indexes[position]), words)
    first: dict[tuple[str, str, str], int] = {}
    for index, threshold in thresholds.items():
        earlier = first.setdefault(threshold.key, index)
        if earlier != index and index not in told:
            line = source.where((*route, earlier))[0]
            words = f"{threshold.metric} ({threshold.scope}) is already bounded on line {line}; put the bounds into one entry"
            yield source.problem((*route, index), words)
