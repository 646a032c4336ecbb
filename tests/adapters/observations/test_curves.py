"""Thinned-out curves say what the whole observations say, read once what does not change, and tell where nothing can be read."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.adapters.observations.curves import ObservationCurves
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.monitor.curve import MOST_POINTS, Curve
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.samples import Gap, Sample
from pipeline.errors import ToolFailed
from tests.fakes import FakeClock, FakeNarrator

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "observations.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[ObservationStore]:
    opened = ObservationStore(path, FakeClock(), FakeNarrator())
    yield opened
    opened.close()


def sample(minute: float, equity: float | None = 1000.0, **more: object) -> Sample:
    told = equity is not None
    made = Sample("trend", "b1", "USDT", BEGAN + minute * MINUTE, "running", 1000.0 if told else None, equity, 0, 4, 3)
    return replace(made, **more)  # type: ignore[arg-type]


def trade(minute: float, profit: float, stake: float = 50.0) -> ClosedTrade:
    closed = BEGAN + minute * MINUTE
    return ClosedTrade("A/USDT", closed - MINUTE, closed, 1, 1, 1, stake, 0.0, 0.0, profit, profit / stake, "", "roi")


def read(path: Path, minutes: float = 600, since: float = 0) -> Curve:
    return ObservationCurves(path).curve("trend", "b1", BEGAN + since * MINUTE, BEGAN + minutes * MINUTE)


def test_the_curves_highest_lowest_and_last_values_are_those_of_all_samples(
    path: Path, store: ObservationStore
) -> None:
    values = [1000.0 + ((minute * 7919) % 101 - 50) / 10 for minute in range(1, 2001)]
    store.record([sample(minute, value) for minute, value in enumerate(values, 1)])
    found = read(path, 2000)
    assert 50 < len(found.points) <= MOST_POINTS + 1
    assert max(point.highest or 0 for point in found.points) == max(values)
    assert min(point.lowest or 9e9 for point in found.points) == min(values)
    assert (found.points[-1].equity, found.points[-1].at) == (values[-1], BEGAN + 2000 * MINUTE)
    kept = ObservationReader(path).equity("trend", "b1")
    assert all(kept[point.at] == point.equity for point in found.points)


def test_what_trades_earned_and_staked_until_a_look_counts_at_that_look(path: Path, store: ObservationStore) -> None:
    store.record([sample(minute) for minute in (10, 20, 30)])
    store.record_trades("trend", "b1", "USDT", [trade(5, 2.0), trade(20, 3.0), trade(25, -1.0)])
    assert [(point.earned, point.staked) for point in read(path, 60).points] == [
        (2.0, 50.0),
        (5.0, 100.0),
        (4.0, 150.0),
    ]
    latest = read(path, 60).latest
    assert latest is not None
    assert (latest.earned, latest.trades, latest.win_rate_ratio) == (4.0, 3, 0.75)


def test_the_latest_look_tells_the_state_and_the_last_numbers_that_were_told(
    path: Path, store: ObservationStore
) -> None:
    store.record(
        [sample(1, 1010.0), sample(2, None, state="silent", errors=3, open_trades=None, closed_trades=None, wins=None)]
    )
    latest = read(path, 60, since=30).latest
    assert latest is not None
    assert (latest.state, latest.errors, latest.equity, latest.at) == ("silent", 3, 1010.0, BEGAN + 2 * MINUTE)


def test_gaps_of_the_bundle_and_of_all_bundles_are_told_within_the_time_that_was_asked_for(
    path: Path, store: ObservationStore
) -> None:
    store.record([sample(1)])
    store.record_gap(Gap("", "", datetime(1970, 1, 1, tzinfo=UTC), BEGAN, "it was damaged"))
    store.record_gap(Gap("trend", "b1", BEGAN + 200 * MINUTE, BEGAN + 300 * MINUTE, "nobody looked"))
    store.record_gap(Gap("other", "b9", BEGAN + 400 * MINUTE, BEGAN + 500 * MINUTE, "another bundle's"))
    found = ObservationCurves(path).curve("trend", "b1", BEGAN - 60 * MINUTE, BEGAN + 600 * MINUTE)
    assert [(gap.since, gap.until, gap.reason) for gap in found.gaps] == [
        (BEGAN - 60 * MINUTE, BEGAN, "it was damaged"),
        (BEGAN + 200 * MINUTE, BEGAN + 300 * MINUTE, "nobody looked"),
    ]


def test_a_second_look_sees_what_came_since_and_the_same_past(path: Path, store: ObservationStore) -> None:
    store.record([sample(minute, 1000.0 + minute) for minute in range(1, 700)])
    curves = ObservationCurves(path)
    until = BEGAN + 800 * MINUTE
    before = curves.curve("trend", "b1", BEGAN, until).points
    store.record([sample(700, 5000.0), sample(701, 1.0)])
    after = curves.curve("trend", "b1", BEGAN, until).points
    assert after == ObservationCurves(path).curve("trend", "b1", BEGAN, until).points
    assert after[: len(before) - 1] == before[:-1]
    assert max(point.highest or 0 for point in after) == 5000.0


def test_a_clock_that_was_set_back_puts_the_remembered_past_right(path: Path, store: ObservationStore) -> None:
    store.record([sample(minute, 1000.0 + minute) for minute in range(1, 700)])
    curves, until = ObservationCurves(path), BEGAN + 800 * MINUTE
    curves.curve("trend", "b1", BEGAN, until)
    store.record([sample(300, 900.0)])
    assert curves.curve("trend", "b1", BEGAN, until) == ObservationCurves(path).curve("trend", "b1", BEGAN, until)


def test_compaction_changes_neither_the_highest_and_lowest_nor_the_end(path: Path, store: ObservationStore) -> None:
    store.record([sample(minute, 1000.0 + (minute * 7919) % 997) for minute in range(1, 6000)])
    before = read(path, 6000)
    store.compact(BEGAN + timedelta(days=30))
    after = read(path, 6000)
    assert max(p.highest or 0 for p in after.points) == max(p.highest or 0 for p in before.points)
    assert min(p.lowest or 9e9 for p in after.points) == min(p.lowest or 9e9 for p in before.points)
    assert after.latest == before.latest


def test_where_nothing_was_observed_there_is_an_empty_curve_and_no_file(path: Path) -> None:
    assert read(path).points == ()
    assert ObservationCurves(path).began_at() is None
    assert ObservationCurves(path).bundles() == ()
    assert not path.exists()


def test_the_first_look_of_all_is_when_observation_began(path: Path, store: ObservationStore) -> None:
    store.record([sample(7), sample(8), sample(3, bundle="b2")])
    assert ObservationCurves(path).began_at() == BEGAN + 3 * MINUTE
    assert ObservationCurves(path).bundles() == (("trend", "b1"), ("trend", "b2"))


def test_a_damaged_file_is_told_as_one(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be taken for one by whoever looks only at its length")
    with pytest.raises(ToolFailed, match="observations"):
        read(path)


def test_looking_writes_nothing(path: Path) -> None:
    with closing(ObservationStore(path, FakeClock(), FakeNarrator())) as store:
        store.record([sample(1)])
    before = path.read_bytes()
    read(path)
    assert path.read_bytes() == before
