"""What bots, clocks and people do wrong: the watch goes on, acts on what it knows, and makes nothing up."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from pipeline.adapters.bot_api import BotApi
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import BotIdentity, OpenTrade
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decisions import Observed, Soaked
from pipeline.domain.train.facts import recorded
from pipeline.flows.watch import Watching
from pipeline.flows.watch_post import Post
from tests.flows.observe_ground import AUTOMATIC, sandbox
from tests.flows.test_watch_decide import DecidesHere, made
from tests.flows.watch_ground import BRAKED, OLD, STRATEGY, Bank, BankApi, BankHomes, bank

DAY = 86400.0


def brakes_of(device: Bank) -> list[str]:
    return [hold.reason.partition(":")[0] for hold in device.road().state().of(STRATEGY).holds]


def observing(device: Bank) -> Post:
    file = device.root / "observations.sqlite"
    return replace(device.post(), observe=lambda: closing(ObservationStore(file, device.clock, device.narrator)))


def past(device: Bank) -> ObservationReader:
    return ObservationReader(device.root / "observations.sqlite")


# Answers


class Hostile(BaseHTTPRequestHandler):
    """Answers everything with what its server was given; hangs where that is nothing."""

    status, said, ended = 200, b"", Event()

    def do_GET(self) -> None:
        if not self.said:
            self.ended.wait(60)
            return
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.said)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def answering(status: int, said: bytes) -> Iterator[int]:
    kind = type("Kind", (Hostile,), {"status": status, "said": said, "ended": Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        kind.ended.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class OneAnswersStrangely(BankHomes):
    """Homes; the bot of another strategy is whoever answers on that port."""

    port: int = 0

    def bot(self, spec: BotSpec) -> BankApi | BotApi:  # type: ignore[override]
        if spec.strategy == STRATEGY:
            return super().bot(spec)
        return BotApi(self.port, "tester", SystemClock(), "x", answer_seconds=1.0)

    def held(self, spec: BotSpec) -> str:
        return super().held(spec) if spec.strategy == STRATEGY else ""


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("status", "said"),
    [(200, b"pong"), (200, b"[" * 100_000), (401, b"{}"), (500, b"<html>"), (200, b""), (200, b" " * 200_000)],
    ids=["nonsense", "nested", "401", "500", "hanging", "huge"],
)
def test_a_bot_that_answers_nonsense_hangs_or_does_not_end_keeps_nobody_from_being_braked(
    status: int, said: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.adapters.bot_api._MOST_BYTES", 150_000)
    device = bank(tmp_path)
    device.floating = Decimal(-50)
    road = device.road()
    (bot,) = road.runtime.running()
    alien = replace(bot, spec=replace(bot.spec, strategy="alien", name="sandbox-alien-a"))

    class Both:
        def running(self) -> tuple[object, ...]:
            return alien, bot

    with answering(status, said) as port:
        homes = OneAnswersStrangely(device, port)
        watching = Watching(replace(device.post(), road=replace(road, runtime=Both(), homes=homes)))  # type: ignore[arg-type]
        done = watching._looking.look()
    assert (done.bots, done.vouched, done.problems) == (2, True, ())
    assert done.told["alien"][0].wrong(road) == "it does not answer"
    assert "drawdown_max_ratio" in brakes_of(device)


# Nobody and nothing


def test_an_environment_without_bots_is_watched_and_nothing_is_kept_of_it(tmp_path: Path) -> None:
    device = Bank(tmp_path, BRAKED)
    watching = Watching(observing(device))
    for _ in range(3):
        done = watching.round()
        device.wait(60)
    assert (done.bots, done.vouched, done.problems) == (0, True, ())
    assert (device.kinds(), device.told) == ([], [])
    assert device.lease_at is not None
    assert not (tmp_path / "observations.sqlite").exists()


def test_a_bundle_that_never_trades_is_observed_holds_and_is_never_known_to_be_good(tmp_path: Path) -> None:
    ground = sandbox(tmp_path, AUTOMATIC)
    road = replace(ground.road(), watcher=None)
    post = replace(observing(ground.bank), road=road, decider=DecidesHere(ground))
    watching = Watching(post)
    for _ in range(3):
        for _ in range(5):
            assert watching.round().problems == ()
            ground.bank.wait(10)
        ground.bank.wait(DAY)
    watching.close()
    assert {one.decision for one in made(ground)} == {"hold"}
    assert len(made(ground)) >= 2
    facts = [record.fact for record in recorded(ground.bank.entries())]
    ((strategy, bundle),) = past(ground.bank).bundles()
    assert not [fact for fact in facts if isinstance(fact, Soaked) and fact.bundle == bundle]
    samples = past(ground.bank).samples(strategy, bundle)
    assert {(one.closed_trades, one.wins, one.balance) for one in samples} == {(0, 0, 100.0)}


# People


def test_trades_by_hand_make_no_bundle_known_to_be_good_and_their_losses_brake_all_the_same(tmp_path: Path) -> None:
    device = bank(tmp_path)
    watching = Watching(device.post())
    watching.round()
    device.wait(10)
    device.closes(1.0)
    device.closed[:] = [replace(trade, enter_tag="force_entry") for trade in device.closed]
    for _ in range(6):
        watching.round()
        device.wait(10)
    facts = [record.fact for record in recorded(device.entries())]
    assert {fact.closed_trades for fact in facts if isinstance(fact, Observed) and fact.healthy_hours > 0} <= {0}
    device.closes(-30.0)
    device.closed[:] = [replace(trade, enter_tag="force_entry") for trade in device.closed]
    watching.round()
    assert "drawdown_max_ratio" in brakes_of(device)


# Clocks


def test_a_clock_that_is_set_forward_makes_no_bot_silent(tmp_path: Path) -> None:
    """As on a small device without a clock of its own, whose time comes from the network after its bots have begun."""
    device = bank(tmp_path)
    ran = [0.0]
    watching = Watching(replace(observing(device), running_seconds=lambda: ran[0]))
    for _ in range(3):
        watching.round()
        device.wait(10)
        ran[0] += 10
    device.hung_since = device.clock.now()  # its next loop comes in a few seconds
    device.wait(8 * 3600)
    watching.round()
    assert (device.entering(), brakes_of(device)) == ([OLD], [])
    assert device.narrator.lines[-1].startswith("the clock was set forward, or the device slept")
    device.wait(125)
    ran[0] += 125
    watching.round()
    assert "heartbeat_seconds" in brakes_of(device), "by now it is silent"
    watching.close()
    (gap,) = past(device).gaps(STRATEGY, OLD)[:1]
    assert (gap.reason, gap.until - gap.since > timedelta(hours=8)) == ("nobody looked", True)


def test_time_in_which_the_watch_itself_was_busy_is_no_jump(tmp_path: Path) -> None:
    device = bank(tmp_path)
    ran = [0.0]
    watching = Watching(replace(device.post(), running_seconds=lambda: ran[0]))
    watching.round()
    device.hung_since = device.clock.now()
    device.wait(600)
    ran[0] += 600
    watching.round()
    assert "heartbeat_seconds" in brakes_of(device)


# Currencies


@dataclass
class Euros(BankHomes):
    """The environment trades euros by now; the database still has what was traded before."""

    positions: tuple[OpenTrade, ...] = ()

    def bot(self, spec: BotSpec) -> BankApi:
        said = super().bot(spec)
        return EuroApi(said.device, said.spec, self.positions)


@dataclass
class EuroApi(BankApi):
    positions: tuple[OpenTrade, ...] = ()

    def identity(self) -> BotIdentity:
        return replace(super().identity(), stake_currency="EUR")

    def open_trades(self) -> tuple[OpenTrade, ...]:
        return self.positions


def in_euros(device: Bank, *positions: OpenTrade) -> Watching:
    post = observing(device)
    return Watching(replace(post, road=replace(post.road, homes=Euros(device, positions))))


def closes_in_euros(device: Bank, profit: float) -> None:
    device.closes(profit)
    device.closed[-1] = replace(device.closed[-1], pair="BTC/EUR")


def test_after_a_change_of_currency_each_trade_is_kept_in_its_own_and_the_balance_is_the_new_one_s(
    tmp_path: Path,
) -> None:
    device = bank(tmp_path)
    device.closes(500.0)
    watching = in_euros(device)
    closes_in_euros(device, 2.0)
    assert watching.round().problems == ()
    watching.close()
    assert [(one.pair, one.profit) for one in past(device).trades(STRATEGY, OLD)] == [("BTC/EUR", 2.0)]
    (sample,) = past(device).samples(STRATEGY, OLD)
    assert (sample.currency, sample.balance, sample.equity, sample.closed_trades) == ("EUR", 102.0, 102.0, 1)


def test_losses_in_an_earlier_currency_neither_brake_nor_keep_a_brake_from_acting(tmp_path: Path) -> None:
    device = bank(tmp_path)
    lost = ClosedTrade(
        "BTC/USDT", *[device.clock.now() - timedelta(days=9)] * 2, 1, 1, 1, 1, 0, 0, -5000.0, -0.5, "", "roi"
    )
    device.closed.append(lost)
    watching = in_euros(device)
    watching.round()
    device.wait(10)
    watching.round()
    assert brakes_of(device) == []
    closes_in_euros(device, -30.0)
    device.wait(10)
    watching.round()
    assert "drawdown_max_ratio" in brakes_of(device)


def test_a_bot_that_goes_on_in_an_earlier_currency_is_measured_by_the_capital_that_it_was_given_in_that(
    tmp_path: Path,
) -> None:
    """A capital of 0.01 in another coin would make the loss of one euro a hundredfold one."""
    device = bank(tmp_path)
    closes_in_euros(device, -1.0)
    post = observing(device)
    limits = replace(post.road.environment.limits, capital_per_bot=Decimal("0.01"))
    road = replace(
        post.road, homes=Euros(device), environment=replace(post.road.environment, stake_currency="BTC", limits=limits)
    )
    Watching(replace(post, road=road)).round()
    assert brakes_of(device) == []


def test_a_position_in_an_earlier_currency_is_no_part_of_the_equity(tmp_path: Path) -> None:
    device = bank(tmp_path)
    one, now = Decimal(1), device.clock.now()
    old = OpenTrade(1, "BTC/USDT", False, now, one, one, one, one, Decimal(-400), None, None, "")
    device.floating = Decimal(-400)
    watching = in_euros(device, old)
    watching.round()
    assert (brakes_of(device), past(device).samples(STRATEGY, OLD)[-1].equity) == ([], 100.0)
    device.floating = Decimal(-430)
    device.wait(10)
    watching.round()
    assert "drawdown_max_ratio" in brakes_of(device)
