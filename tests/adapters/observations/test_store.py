"""Observations are kept, read back and thinned out; faults of disk and clock, and a second writer, leave them whole."""

import math
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.adapters.observations.file import is_shared, open_to_write
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.metrics import measure
from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.train.samples import Gap, Sample
from pipeline.errors import Locked, Refused, ToolFailed
from pipeline.ports import Observations
from tests.fakes import FakeClock, FakeNarrator
from tests.needs import ROOT

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test" / "observations.sqlite"


@pytest.fixture
def heard() -> FakeNarrator:
    return FakeNarrator()


@pytest.fixture
def store(path: Path, heard: FakeNarrator) -> Iterator[ObservationStore]:
    opened = ObservationStore(path, FakeClock(), heard)
    yield opened
    opened.close()


def sample(minute: float, equity: float | None = 1000.0, bundle: str = "b1", **more: object) -> Sample:
    at = BEGAN + minute * MINUTE
    return replace(Sample("trend", bundle, "USDT", at, "running", 1000.0, equity), **more)  # type: ignore[arg-type]


def trade(hour: float, profit: float = 1.0) -> ClosedTrade:
    at = BEGAN + timedelta(hours=hour)
    fills = (Fill("buy", at, 10.0, 2.0), Fill("sell", at + MINUTE, 10.5, 2.0))
    return ClosedTrade(
        "A/USDT", at, at + MINUTE, 10, 10.5, 2, 20, 0.001, 0.001, profit, profit / 20, "dip", "roi", fills
    )


def test_an_order_is_kept_with_what_it_asked_for_where_that_is_known(store: ObservationStore) -> None:
    at = BEGAN
    made = replace(trade(0), fills=(Fill("buy", at, 10.0, 2.0, 9.9), Fill("sell", at + MINUTE, 10.5, 2.0)))
    store.record_trades("trend", "b1", "USDT", [made])
    assert store.trades("trend", "b1") == (made,)


def equities(store: Observations, bundle: str = "b1") -> list[float]:
    return list(store.equity("trend", bundle))


def test_what_was_recorded_is_read_back_as_it_was(store: ObservationStore, path: Path) -> None:
    whole = Sample(
        "trend", "b1", "USDT", BEGAN, "paused", 990.5, 1001.25, 2, 12, 7, 1.5, 0.0004, BEGAN - timedelta(seconds=3), 4
    )
    bare = Sample("trend", "b1", "USDT", BEGAN + MINUTE, "down")
    store.record([whole, Sample("other", "b2", "USDT", BEGAN, "running")])
    store.record([bare])
    for reader in (store, ObservationReader(path)):
        assert reader.samples("trend", "b1") == (whole, bare)
        assert reader.samples("trend", "b1", since=BEGAN + MINUTE) == (bare,)
        assert reader.samples("trend", "b1", until=BEGAN + MINUTE) == (whole,)
        assert reader.bundles() == (("trend", "b1"), ("other", "b2"))
        assert reader.gaps("trend", "b1") == ()
    assert path.stat().st_mode & 0o777 == 0o600


def test_numbers_that_are_none_count_as_not_measured(store: ObservationStore) -> None:
    store.record([sample(0, math.nan), sample(1, math.inf), sample(2, 5.0)])
    assert [one.equity for one in store.samples("trend", "b1")] == [None, None, 5.0]
    assert equities(store) == [5.0]


def test_before_anything_was_observed_there_is_nothing(path: Path, store: ObservationStore) -> None:
    for reader in (ObservationReader(path.with_name("none.sqlite")), store):
        assert reader.bundles() == ()
        assert reader.samples("trend", "b1") == ()
        assert reader.trades("trend", "b1") == ()
        assert reader.gaps("trend", "b1") == ()
        assert len(reader.equity("trend", "b1")) == 0


def test_looks_that_were_missed_are_a_gap(store: ObservationStore) -> None:
    store.record([sample(0), sample(1), sample(10), sample(11)])
    assert store.gaps("trend", "b1") == (Gap("trend", "b1", BEGAN + MINUTE, BEGAN + 10 * MINUTE, "nobody looked"),)
    assert store.gaps("trend", "b2") == ()


def test_a_gap_of_everything_is_one_of_every_bundle(store: ObservationStore) -> None:
    gap = Gap("", "", BEGAN, BEGAN + MINUTE, "the ledger could not be read")
    store.record_gap(gap)
    assert store.gaps("trend", "b1") == (gap,)


def test_the_same_trade_is_kept_once_whatever_number_it_has_and_belongs_to_the_bundle_that_was_first(
    store: ObservationStore,
) -> None:
    assert store.record_trades("trend", "b1", "USDT", [trade(0), trade(1)]) == 2
    assert store.record_trades("trend", "b1", "USDT", [trade(1), trade(2), trade(0)]) == 1
    assert store.record_trades("trend", "b2", "USDT", [trade(2), trade(3)]) == 1
    assert store.trades("trend", "b1") == (trade(0), trade(1), trade(2))
    assert store.trades("trend", "b2") == (trade(3),)
    assert store.record_trades("other", "b9", "USDT", [trade(0)]) == 1


def test_a_trade_whose_profit_is_no_number_stays_one_that_is_none(store: ObservationStore) -> None:
    store.record_trades("trend", "b1", "USDT", [trade(0, math.nan)])
    assert math.isnan(store.trades("trend", "b1")[0].profit_ratio)


def test_another_currency_is_another_series(store: ObservationStore) -> None:
    store.record([sample(0, 1000.0), sample(1, 0.5, currency="BTC"), sample(2, 0.6, currency="BTC")])
    store.record_trades("trend", "b1", "USDT", [trade(0)])
    assert equities(store) == [0.5, 0.6]
    assert {one.currency for one in store.samples("trend", "b1")} == {"BTC"}
    assert store.trades("trend", "b1") == ()


def test_compaction_changes_no_metric_and_leaves_the_last_two_days_whole(store: ObservationStore) -> None:
    dice, days = seeded("compact"), 6
    values = 1000 * np.exp(np.cumsum(dice.standard_normal(days * 1440) * 0.002))
    store.record([sample(minute, float(value)) for minute, value in enumerate(values)])
    store.record_trades("trend", "b1", "USDT", [trade(float(hour), float(hour % 3 - 1)) for hour in range(0, 140, 5)])
    before = store.equity("trend", "b1")
    now = BEGAN + timedelta(days=days)
    went = store.compact(now)
    after = store.equity("trend", "b1")
    trades = store.trades("trend", "b1")
    assert measure(trades, [before]) == pytest.approx(measure(trades, [after]), rel=1e-12)
    assert len(after) == len(before) - went < 2 * 1440 + 4 * 24 * 6 + 10
    assert (after.index > now - timedelta(hours=48)).sum() == 2 * 1440 - 1
    assert store.compact(now) == 0
    assert store.gaps("trend", "b1") == ()


def test_compacting_every_hour_is_compacting_once(store: ObservationStore, tmp_path: Path) -> None:
    other = ObservationStore(tmp_path / "other.sqlite", FakeClock(), FakeNarrator())
    values = 1000 + seeded("hourly").standard_normal(4 * 1440).cumsum()
    for hour in range(4 * 24):
        some = [sample(60 * hour + minute, float(values[60 * hour + minute])) for minute in range(60)]
        store.record(some)
        other.record(some)
        other.compact(BEGAN + timedelta(hours=hour + 1, minutes=7))
    now = BEGAN + timedelta(days=4)
    store.compact(now)
    other.compact(now)
    assert store.samples("trend", "b1") == other.samples("trend", "b1")
    other.close()


def test_a_clock_that_is_a_little_behind_is_waited_for(store: ObservationStore) -> None:
    store.record([sample(10, 1.0)])
    store.record([sample(9.5, 2.0)])
    store.record([sample(10, 3.0)])
    store.record([sample(11, 4.0)])
    assert equities(store) == [1.0, 4.0]
    assert store.gaps("trend", "b1") == ()


def test_a_clock_that_is_set_back_far_keeps_what_was_seen_in_its_order_and_says_so(store: ObservationStore) -> None:
    store.record([sample(0, 100.0), sample(1, 101.0)])
    far = 60 * 24 * 365
    store.record([sample(far + n, value) for n, value in enumerate([102.0, 150.0, 149.0, 90.0, 95.0])])
    store.record([sample(2, 96.0)])
    store.record([sample(3, 97.0)])
    kept = store.equity("trend", "b1")
    assert list(kept) == [100.0, 101.0, 102.0, 150.0, 90.0, 95.0, 96.0, 97.0]
    assert kept.index.is_monotonic_increasing
    assert kept.index[-1] == pd.Timestamp(BEGAN + 3 * MINUTE)
    told = store.gaps("trend", "b1")
    assert sorted(gap.reason[:24] for gap in told) == ["nobody looked", "the clock was set back b"]
    assert all(gap.until <= BEGAN + 3 * MINUTE for gap in told)


def test_a_clock_that_is_set_back_before_everything_loses_nothing(store: ObservationStore) -> None:
    store.record([sample(n, 100.0 + n) for n in range(4)])
    store.record([sample(-1000, 90.0)])
    assert equities(store) == [100.0, 103.0, 90.0]


def test_two_writers_are_refused_and_the_second_is_told_who_the_first_is(path: Path, store: ObservationStore) -> None:
    with pytest.raises(Locked, match=r"is written by another watch \(process \d+, since 2026-01-01 00:00:00 UTC\)"):
        ObservationStore(path, FakeClock(), FakeNarrator())
    store.record([sample(0)])
    store.close()
    again = ObservationStore(path, FakeClock(), FakeNarrator())
    assert equities(again) == [1000.0]
    again.close()
    store.__init__(path.with_name("else.sqlite"), FakeClock(), FakeNarrator())  # type: ignore[misc]


def test_readers_read_while_it_is_written(path: Path, store: ObservationStore) -> None:
    reader = ObservationReader(path)
    store.record([sample(0, 1.0)])
    assert equities(reader) == [1.0]
    with store._writing() as database:
        database.execute("DELETE FROM samples")
        assert equities(reader) == [1.0]
    assert equities(reader) == []


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_file_is_set_aside_and_said_so(path: Path, heard: FakeNarrator, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    store = ObservationStore(path, FakeClock(), heard)
    assert path.with_name("observations.sqlite.damaged-1").read_bytes() == content
    (line,) = heard.lines
    assert "it was set aside as observations.sqlite.damaged-1, and observations begin anew" in line
    store.record([sample(0)])
    (gap,) = store.gaps("trend", "b1")
    assert (gap.until, gap.reason) == (
        FakeClock().now(),
        "what was observed before is in observations.sqlite.damaged-1: it was damaged",
    )
    store.close()


def test_a_reader_tells_of_damage_and_of_a_file_that_is_not_begun(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert ObservationReader(path).bundles() == ()
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(ToolFailed, match="cannot be read"):
        ObservationReader(path).bundles()
    assert path.exists()


def test_damage_in_the_middle_is_found_when_it_is_opened(path: Path, heard: FakeNarrator) -> None:
    store = ObservationStore(path, FakeClock(), FakeNarrator())
    store.record([sample(minute) for minute in range(3000)])
    store.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : 2 * len(content) // 3] = b"\x55" * (len(content) // 3)
    path.write_bytes(bytes(content))
    again = ObservationStore(path, FakeClock(), heard)
    assert "was damaged" in heard.lines[0]
    assert again.bundles() == ()
    again.close()


def test_damage_while_it_is_open_is_told_and_what_follows_is_kept(path: Path, heard: FakeNarrator) -> None:
    store = ObservationStore(path, FakeClock(), heard)
    store.record([sample(minute) for minute in range(3000)])
    store._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    path.write_bytes(bytes(content))
    store._database.close()
    store._database = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(ToolFailed, match="the observations were damaged"):
        store.record([sample(3001)])
    assert path.with_name("observations.sqlite.damaged-1").exists()
    store.record([sample(3002, 7.0)])
    assert equities(store) == [7.0]
    store.close()


def test_somebody_elses_database_is_set_aside_and_not_written_to(path: Path, heard: FakeNarrator) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE trades (id INTEGER)")
    other.commit()
    other.close()
    ObservationStore(path, FakeClock(), heard).close()
    assert "it holds somebody else's tables" in heard.lines[0]


def test_a_newer_freqtrains_file_is_refused_and_left_alone(path: Path) -> None:
    ObservationStore(path, FakeClock(), FakeNarrator()).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    for opens in (
        lambda: ObservationStore(path, FakeClock(), FakeNarrator()),
        lambda: ObservationReader(path).bundles(),
    ):
        with pytest.raises(Refused, match="newer freqtrain"):
            opens()
    assert not path.with_name("observations.sqlite.damaged-1").exists()


def test_a_full_disk_keeps_nothing_half_and_it_goes_on_when_there_is_room(store: ObservationStore) -> None:
    store.record([sample(0)])
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    store._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ToolFailed, match="full"):
        store.record([sample(minute) for minute in range(1, 5000)])
    assert equities(store) == [1000.0]
    store._database.execute("PRAGMA max_page_count = 1000000")
    store.record([sample(1, 2.0)])
    assert equities(store) == [1000.0, 2.0]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ToolFailed):
        ObservationStore(tmp_path / "file" / "observations.sqlite", FakeClock(), FakeNarrator())


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ToolFailed):
        ObservationStore(path, FakeClock(), FakeNarrator())
    assert not (tmp_path / "elsewhere").exists()


def test_everything_is_exported(store: ObservationStore, tmp_path: Path) -> None:
    store.record([sample(0, 1.0, looped_at=BEGAN), sample(9, None)])
    store.record_trades("trend", "b1", "USDT", [trade(0)])
    files = store.export(tmp_path / "out")
    assert [file.name for file in files] == ["samples.parquet", "trades.parquet", "gaps.parquet"]
    samples, trades, gaps = (pq.read_table(file).to_pylist() for file in files)
    assert [row["equity"] for row in samples] == [1.0, None]
    assert (samples[0]["state"], samples[0]["at"], samples[0]["looped_at"]) == ("running", BEGAN, BEGAN)
    assert (trades[0]["bundle"], trades[0]["profit_ratio"], trades[0]["opened_at"]) == ("b1", 0.05, BEGAN)
    assert gaps[0]["reason"] == "nobody looked"
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "gaps.parquet",
        "samples.parquet",
        "trades.parquet",
    ]


def test_an_empty_store_is_exported_too_and_a_folder_that_cannot_be_is_told(
    store: ObservationStore, tmp_path: Path
) -> None:
    assert [pq.read_table(file).num_rows for file in store.export(tmp_path / "out")] == [0, 0, 0]
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ToolFailed, match="failed"):
        store.export(tmp_path / "file" / "out")


CRASHES = """
import os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.train.samples import Sample
from tests.fakes import FakeClock, FakeNarrator
store = ObservationStore(Path(sys.argv[1]), FakeClock(), FakeNarrator())
began = datetime(2026, 1, 1, tzinfo=UTC)
def one(minute): return Sample("trend", "b1", "USDT", began + timedelta(minutes=minute), "running", 1.0, float(minute))
store.record([one(0), one(1)])
with store._writing() as database:
    database.execute("UPDATE samples SET equity = 99")
    os._exit(9)
"""


@pytest.mark.processes
def test_a_writer_that_dies_leaves_whole_rounds_and_no_lock(path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", CRASHES, str(path)], cwd=ROOT, timeout=120, check=False)
    assert died.returncode == 9
    store = ObservationStore(path, FakeClock(), FakeNarrator())
    assert equities(store) == [0.0, 1.0]
    store.close()


def test_a_group_that_a_folder_is_handed_to_may_read_and_so_may_it_what_sqlite_puts_beside_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o2750)
    path = tmp_path / "observations.sqlite"
    path.touch(0o600)
    with closing(open_to_write(path)) as database:
        database.execute("INSERT INTO gaps (since, until, strategy, bundle, reason) VALUES (0, 1, '', '', 'x')")
        assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o640}
        assert len(list(tmp_path.iterdir())) == 3
        assert is_shared(path)
    path.chmod(0o600)
    assert not is_shared(path)
