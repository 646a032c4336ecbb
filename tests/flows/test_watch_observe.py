"""A watch keeps what it sees; that it cannot keeps nobody from acting on it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.trades import Fill
from pipeline.domain.train.plan import Order
from pipeline.domain.train.samples import Sample
from pipeline.errors import ToolFailed
from pipeline.flows.deploy import deploy
from pipeline.flows.watch import Watching, watch
from pipeline.flows.watch_post import Post
from pipeline.ports import Observations
from tests.flows.watch_ground import NEW, OLD, STRATEGY, Bank, bank, bot_name


@pytest.fixture
def device(tmp_path: Path) -> Bank:
    return bank(tmp_path)


def file(device: Bank) -> Path:
    return device.root / "observations.sqlite"


def post(device: Bank) -> Post:
    def observe() -> AbstractContextManager[Observations]:
        return closing(ObservationStore(file(device), device.clock, device.narrator))

    return replace(device.post(), observe=observe)


def rounds(watching: Watching, device: Bank, count: int, seconds: float = 10.0) -> tuple[str, ...]:
    """What the last of them said."""
    problems: tuple[str, ...] = ()
    for _ in range(count):
        problems = watching.round().problems
        device.wait(seconds)
    return problems


def test_a_sample_is_kept_every_minute_and_at_every_change(device: Bank) -> None:
    watching = Watching(post(device))
    rounds(watching, device, 13)
    past = ObservationReader(file(device))
    assert past.bundles() == ((STRATEGY, OLD),)
    first, *others = past.samples(STRATEGY, OLD)
    assert [sample.at - first.at for sample in others] == [timedelta(minutes=1), timedelta(minutes=2)]
    assert (first.state, first.currency, first.balance, first.equity, first.closed_trades) == (
        *("running", "USDT", 100.0),
        *(100.0, 0),
    )
    device.closes(5.0)
    rounds(watching, device, 1)
    latest = past.samples(STRATEGY, OLD)[-1]
    assert (latest.balance, latest.equity, latest.closed_trades, latest.wins) == (105.0, 105.0, 1, 1)
    assert [trade.profit for trade in past.trades(STRATEGY, OLD)] == [5.0]


def test_a_sample_holds_by_how_much_orders_were_filled_worse_than_asked(device: Bank) -> None:
    watching = Watching(post(device))
    device.closes(5.0)
    rounds(watching, device, 1)
    past = ObservationReader(file(device))
    assert past.samples(STRATEGY, OLD)[-1].slippage_ratio is None
    device.closes(5.0)
    now = device.clock.now()
    device.closed[-1] = replace(device.closed[-1], fills=(Fill("buy", now, 101.0, 1.0, 100.0),))
    rounds(watching, device, 1)
    assert past.samples(STRATEGY, OLD)[-1].slippage_ratio == pytest.approx(0.01)
    assert past.trades(STRATEGY, OLD)[-1].fills[0].asked == 100.0


def test_trades_belong_to_the_bundle_that_opened_and_closed_them(device: Bank) -> None:
    watching = Watching(post(device))
    device.closes(1.0)
    rounds(watching, device, 1)
    device.closes(2.0)  # and before anybody looks, the new one follows
    device.wait(5)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    device.wait(30)
    device.closes(4.0, opened_seconds_ago=7200.0)  # it was taken over
    device.closes(8.0)
    rounds(watching, device, 1)
    past = ObservationReader(file(device))
    assert [trade.profit for trade in past.trades(STRATEGY, OLD)] == [1.0, 2.0]
    assert [trade.profit for trade in past.trades(STRATEGY, NEW)] == [8.0]
    (sample,) = past.samples(STRATEGY, NEW)
    assert (sample.balance, sample.closed_trades) == (108.0, 1)


def test_a_bot_that_does_not_answer_leaves_a_gap_and_an_error_for_every_look(device: Bank) -> None:
    watching = Watching(post(device))
    rounds(watching, device, 1)
    device.silent.add(bot_name())
    rounds(watching, device, 9)
    device.silent.clear()
    watching.close()
    watching = Watching(post(device))  # another one, which has only the file
    rounds(watching, device, 1)
    past = ObservationReader(file(device))
    (gap,) = past.gaps(STRATEGY, OLD)
    assert (gap.until - gap.since, gap.reason) == (timedelta(seconds=90), "its bot did not tell")
    found = past.samples(STRATEGY, OLD)
    assert [sample.state for sample in found] == ["running", "silent", "silent", "running"]
    assert (found[1].equity, found[1].balance, found[1].errors) == (None, None, 1)
    assert found[-1].errors >= 7  # an earlier watch counted them up to its last sample


def test_time_in_which_nobody_watched_is_a_gap(device: Bank) -> None:
    for _ in range(2):
        watching = Watching(post(device))
        rounds(watching, device, 1)
        watching.close()
        device.wait(3600.0)
    (gap,) = ObservationReader(file(device)).gaps(STRATEGY, OLD)
    assert gap.reason == "nobody looked"


def test_a_full_disk_keeps_no_brake_from_acting_and_no_lease_from_being_kept(device: Bank) -> None:
    asked: list[int] = []

    @contextmanager
    def full() -> Iterator[Observations]:
        asked.append(1)
        raise ToolFailed("no space left on device")
        yield

    watching = Watching(replace(device.post(), observe=full))
    done = watching.round()
    assert (done.problems, done.vouched) == (("nothing is observed: no space left on device",), True)
    assert device.lease_at == device.clock.now()
    device.wait(10)
    device.closes(-20.0)
    done = watching.round()
    assert (device.count("braked") > 0, device.entering()) == (True, [])
    assert done.problems == ("nothing is observed: no space left on device",)
    assert len(asked) == 1, "it is tried again after a minute only"
    device.wait(60)
    watching.round()
    assert len(asked) == 2


def test_what_was_damaged_is_set_aside_and_trades_are_told_anew(device: Bank) -> None:
    device.closes(5.0)
    before = Watching(post(device))
    rounds(before, device, 1)
    before.close()
    file(device).write_bytes(b"x" * 8192)
    watching = Watching(post(device))
    assert rounds(watching, device, 1) == ()
    past = ObservationReader(file(device))
    assert [trade.profit for trade in past.trades(STRATEGY, OLD)] == [5.0]
    assert "it was damaged" in past.gaps(STRATEGY, OLD)[0].reason


class Failing(ObservationStore):
    """Its disk is full for one minute."""

    full = False

    def record(self, samples: Sequence[Sample]) -> None:
        if Failing.full:
            raise ToolFailed("no space left on device")
        super().record(samples)


def test_after_a_failed_write_everything_is_opened_and_told_anew(device: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    watching = Watching(
        replace(device.post(), observe=lambda: closing(Failing(file(device), device.clock, device.narrator)))
    )
    rounds(watching, device, 1)
    monkeypatch.setattr(Failing, "full", True)
    device.closes(5.0)
    assert rounds(watching, device, 3) == ("nothing is observed: no space left on device",)
    monkeypatch.setattr(Failing, "full", False)
    assert rounds(watching, device, 7) == ()
    past = ObservationReader(file(device))
    assert [trade.profit for trade in past.trades(STRATEGY, OLD)] == [5.0]
    assert past.samples(STRATEGY, OLD)[-1].closed_trades == 1


def test_a_mistake_of_the_store_is_told_and_ends_nothing(device: Bank) -> None:
    def mistaken() -> AbstractContextManager[Observations]:
        raise ValueError("nobody thought of it")

    done = Watching(replace(device.post(), observe=mistaken)).round()
    assert done.vouched
    assert done.problems == ("nothing is observed, by a mistake: ValueError: nobody thought of it",)


def test_a_second_writer_is_told_unless_it_only_looks_once_beside_the_watch(device: Bank) -> None:
    watching = Watching(post(device))
    rounds(watching, device, 1)
    other = Watching(post(device)).round()
    assert other.vouched
    assert "is written by another watch" in other.problems[0]
    beside = watch(post(device), once=True)
    assert beside is not None
    assert (beside.problems, beside.vouched) == ((), True)


def test_one_round_keeps_a_sample_and_lets_the_next_one_write(device: Bank) -> None:
    for _ in range(2):
        done = watch(post(device), once=True)
        assert done is not None
        assert done.problems == ()
        device.wait(60)
    assert len(ObservationReader(file(device)).samples(STRATEGY, OLD)) == 2
