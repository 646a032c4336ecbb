"""The last look and the totals are those of what was kept, while the watch goes on writing."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.observations.latest import LatestObservations
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.samples import Sample
from pipeline.errors import Refused, ToolFailed
from tests.fakes import FakeClock, FakeNarrator
from tests.monitor_ground import damage

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
AT = FakeClock().at
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObservationStore]:
    with closing(ObservationStore(tmp_path / "observations.sqlite", FakeClock(), FakeNarrator())) as opened:
        yield opened


@pytest.fixture
def latest(tmp_path: Path) -> LatestObservations:
    return LatestObservations(tmp_path / "observations.sqlite")


def sample(
    minute: int, equity: float | None = None, bundle: str = ONE, currency: str = "USDT", **more: object
) -> Sample:
    told = {} if equity is None else {"balance": 1000.0, "equity": equity, "looped_at": AT + minute * MINUTE}
    return Sample("trend", bundle, currency, AT + minute * MINUTE, "running" if told else "silent", **told, **more)  # type: ignore[arg-type]


def trade(number: int, profit: float) -> ClosedTrade:
    opened = AT + number * MINUTE
    return ClosedTrade("BTC/USDT", opened, opened + MINUTE, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, profit, profit, "", "roi")


def test_the_last_look_tells_the_state_and_the_last_one_that_told_numbers_the_rest(
    store: ObservationStore, latest: LatestObservations
) -> None:
    store.record([sample(0, 990.0, open_trades=1, closed_trades=3, wins=2, slippage_ratio=0.01), sample(1)])
    found = latest.latest("trend", ONE, AT)
    assert found is not None
    assert (found.at, found.state, found.currency) == (AT + MINUTE, "silent", "USDT")
    assert (found.balance, found.equity, found.open_trades, found.closed_trades, found.wins) == (1000, 990, 1, 3, 2)
    assert (found.slippage_ratio, found.looped_at) == (0.01, AT)


def test_the_peak_is_the_highest_since_the_asked_time(store: ObservationStore, latest: LatestObservations) -> None:
    store.record([sample(0, 1200.0), sample(1, 1100.0), sample(2, 1050.0)])
    peaks = [latest.latest("trend", ONE, AT + n * MINUTE) for n in (0, 1, 2, 3)]
    assert [one.peak if one else 0 for one in peaks] == [1200, 1100, 1050, None]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 90), st.floats(1, 2000)), min_size=1, max_size=25), st.integers(0, 300))
def test_a_peak_that_is_remembered_is_the_one_that_would_be_read(looks: list[tuple[int, float]], since: int) -> None:
    with TemporaryDirectory() as folder:
        path, asked = Path(folder) / "observations.sqlite", AT + since * MINUTE
        remembers, told, minute = LatestObservations(path), list[tuple[int, float]](), 0
        with closing(ObservationStore(path, FakeClock(), FakeNarrator())) as store:
            for passed, equity in looks:
                minute += passed
                store.record([sample(minute, equity)])
                told.append((minute, equity))
                found = remembers.latest("trend", ONE, asked)
                assert found is not None
                assert found.peak == max((value for at, value in told if at >= since), default=None)


def test_another_file_begins_with_a_peak_of_its_own(tmp_path: Path, latest: LatestObservations) -> None:
    path = tmp_path / "observations.sqlite"
    for equity in (1200.0, 900.0):
        with closing(ObservationStore(path, FakeClock(), FakeNarrator())) as store:
            store.record([sample(0, equity), sample(600, 800.0)])
        found = latest.latest("trend", ONE, AT)
        assert found is not None
        assert found.peak == equity
        path.replace(tmp_path / "aside.sqlite")


def test_another_currency_is_another_series_and_the_latest_counts(
    store: ObservationStore, latest: LatestObservations
) -> None:
    store.record([sample(0, 5.0, currency="BTC"), sample(1, 1000.0), sample(2, 6.0, currency="BTC")])
    found = latest.latest("trend", ONE, AT)
    assert found is not None
    assert (found.currency, found.equity) == ("BTC", 6.0)


def test_totals_are_of_all_bundles_of_a_strategy(store: ObservationStore, latest: LatestObservations) -> None:
    store.record([sample(0, 1000.0, fees=1.0, errors=4), sample(1, 1000.0, fees=1.5, errors=5)])
    store.record([sample(2, 0.1, currency="BTC", fees=0.001, errors=6)])
    store.record([sample(3, 1000.0, bundle=TWO, fees=2.0, errors=1), sample(4, bundle=TWO, errors=2)])
    store.record_trades("trend", ONE, "USDT", [trade(0, 3.0), trade(1, -1.0), trade(2, 0.0)])
    store.record_trades("trend", TWO, "USDT", [trade(3, 2.0)])
    store.record_trades("dip", TWO, "EUR", [trade(4, 1.0)])
    found = latest.totals()
    assert (found["trend"].closed_trades, found["trend"].wins, found["trend"].errors) == (4, 2, 8)
    assert found["trend"].profit == {"USDT": 4.0}
    assert found["trend"].fees == {"USDT": 3.5, "BTC": 0.001}
    assert (found["dip"].closed_trades, found["dip"].profit, found["dip"].fees) == (1, {"EUR": 1.0}, {})


def test_what_was_never_observed_is_nothing(latest: LatestObservations, tmp_path: Path) -> None:
    assert (latest.latest("trend", ONE, AT), latest.totals(), latest.size_bytes()) == (None, {}, None)
    with closing(ObservationStore(tmp_path / "observations.sqlite", FakeClock(), FakeNarrator())):
        assert (latest.latest("trend", ONE, AT), latest.totals()) == (None, {})
        size = latest.size_bytes()
        assert size is not None
        assert size > 0


def test_what_is_damaged_or_newer_is_told(latest: LatestObservations, tmp_path: Path) -> None:
    path = tmp_path / "observations.sqlite"
    with closing(ObservationStore(path, FakeClock(), FakeNarrator())) as store:
        store.record([sample(n, 1000.0) for n in range(400)])
    damage(path)
    with pytest.raises(ToolFailed):
        latest.totals()


def test_a_newer_file_is_left_to_a_newer_program(latest: LatestObservations, store: ObservationStore) -> None:
    store._database.execute("PRAGMA user_version = 99")
    with pytest.raises(Refused, match="newer freqtrain"):
        latest.totals()
