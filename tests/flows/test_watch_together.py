"""Several bots reach a brake in one round: each is held at once, whoever of them hangs, and told afterwards."""

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import cast

import pytest

from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import Trading
from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.trading import Brake, TradingEnvironment
from pipeline.domain.train.plan import Order
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.deploy import deploy
from pipeline.flows.watch import Watching
from tests.flows.road_ground import Crash, FakeBundles
from tests.flows.watch_ground import BRAKED, NEW, STOPS, STRATEGY, Bank, BankApi, BankHomes, bank, bot_name

OTHER, WAVE = "wave", "sha256:" + "c" * 64
LOOSE = Brake(0.9, STOPS)
TOGETHER = replace(
    BRAKED,
    brakes=replace(
        BRAKED.brakes, drawdown_max_ratio=LOOSE, daily_loss_max_ratio=LOOSE, account_loss_max_ratio=Brake(0.06, STOPS)
    ),
)
"""Six of the hundred that each bot has."""
FIRST, SECOND = bot_name(), f"{BRAKED.name}-{OTHER}-a"
MOST_CALLS = 80


class Waves(FakeBundles):
    """Every bundle is one of the other strategy."""

    def get(self, digest: str) -> StoredBundle:
        stored = super().get(digest)
        return replace(stored, bundle=replace(stored.bundle, strategy=OTHER))


def two(tmp_path: Path, environment: TradingEnvironment = TOGETHER) -> Bank:
    """Two strategies' bots, seen well once."""
    device = bank(tmp_path, environment)
    deploy(Order(OTHER, WAVE, "operator"), replace(device.road(), bundles=Waves()))
    device.wait(60)
    device.round()
    device.wait(10)
    assert len(device.entering()) == 2
    device.calls = 0
    return device


def loses(device: Bank) -> None:
    device.floating = Decimal(-7)


@dataclass
class Hangs(BankHomes):
    """Homes; the first bot answers these calls only once something has come about, and nothing else keeps it from hanging."""

    calls: tuple[str, ...] = ()
    until: Callable[[], bool] = lambda: True

    def bot(self, spec: BotSpec) -> BankApi:
        said = super().bot(spec)
        return cast(BankApi, HangingApi(said, self)) if spec.name == FIRST else said


class HangingApi:
    def __init__(self, said: object, homes: Hangs) -> None:
        self._said, self._homes = said, homes

    def __getattr__(self, name: str) -> object:
        if name in self._homes.calls:
            for _ in range(6000):
                if self._homes.until():
                    break
                Event().wait(0.01)
            else:
                raise ToolFailed("no answer in time")
        return getattr(self._said, name)


def watching(device: Bank, homes: BankHomes) -> Watching:
    post = device.post()
    return Watching(replace(post, road=replace(post.road, homes=homes)))


def test_where_an_account_lost_too_much_every_bot_is_held_before_one_that_hangs_is_told(tmp_path: Path) -> None:
    device = two(tmp_path)
    loses(device)
    held: list[bool] = []

    def both() -> bool:
        held.append({FIRST, SECOND} <= set(device.holds) and device.count("braked") == 2)
        return held[-1]

    done = watching(device, Hangs(device, ("stop_entries",), both)).round()
    assert held[0], "by the time at which the first one is told, both are held, and that is recorded"
    assert (done.problems, done.vouched) == ((), True)
    assert {process.state for process in device.processes.values()} == {Trading.PAUSED}
    assert device.count("braked") == 2


def test_a_bot_that_hangs_altogether_keeps_neither_a_brake_nor_the_next_round_waiting(tmp_path: Path) -> None:
    device, ends = two(tmp_path), Event()
    post = device.post()
    homes = Hangs(device, (), ends.is_set)
    once = Watching(replace(post, road=replace(post.road, homes=homes), patience_seconds=0.02))
    while not {STRATEGY, OTHER} <= once._looking._heard:
        once.round()
    homes.calls = "identity", "stop_entries"
    try:
        for _ in range(3):
            done = once.round()
            assert (done.bots, done.problems, done.vouched, device.holds) == (2, (), True, {})
            device.wait(10)
        device.floating = Decimal(-13)
        for _ in range(3000):
            once.round()
            if device.count("braked"):
                break
        assert {FIRST, SECOND} <= set(device.holds), "the account's bots are held, the one that hangs as well"
        assert not ends.is_set()
    finally:
        ends.set()
    once.close()


def test_an_account_is_not_read_before_each_of_its_bots_was_heard_once(tmp_path: Path) -> None:
    """What one lost, another one may have earned: seven of a hundred are less than six of two hundred in a hundred."""
    device, ends = two(tmp_path), Event()
    device.kept.clear()
    homes = Hangs(device, ("identity",), ends.is_set)
    post = device.post()
    once = Watching(replace(post, road=replace(post.road, homes=homes), patience_seconds=0.02))
    device.closes(-7.0)
    device.closed[-1] = replace(device.closed[-1], pair="BTC/USDT")
    try:
        for _ in range(3):
            once.round()
    finally:
        once.close()
        ends.set()
    assert device.count("braked") == 0


def test_a_bot_that_answers_late_is_acted_on_between_two_rounds(tmp_path: Path) -> None:
    device, ends = two(tmp_path, BRAKED), Event()
    loses(device)
    homes = Hangs(device, ("identity",), ends.is_set)
    post = device.post()
    once = Watching(replace(post, road=replace(post.road, homes=homes), patience_seconds=0.02))
    once.round()
    assert FIRST not in device.holds
    ends.set()
    for _ in range(3000):
        once.rest()
        if FIRST in device.holds:
            break
        Event().wait(0.01)
    assert FIRST in device.holds, "without another round"
    assert once.round().problems == ()
    once.close()


def test_an_answer_that_comes_late_after_a_round_that_failed_keeps_no_lease(tmp_path: Path) -> None:
    """Nobody has looked at the others."""
    device, ends = two(tmp_path), Event()
    post = device.post()
    homes = Hangs(device, ("identity",), ends.is_set)
    once = Watching(replace(post, road=replace(post.road, homes=homes), patience_seconds=0.02))
    assert once.round().vouched
    begun, good = device.lease_at, device.lines[0]
    device.lines[0] = b"{}"
    device.wait(10)
    with pytest.raises(Refused):
        once.round()
    device.lines[0] = good
    ends.set()
    for _ in range(3000):
        once.rest()
        if FIRST in {bot.bot.bot.spec.name for bot in once._looking._told.get(STRATEGY, ())}:
            break
        Event().wait(0.01)
    assert STRATEGY in once._looking._told
    assert device.lease_at == begun
    assert once.round().vouched
    once.close()


def test_a_bot_that_replaced_one_that_hangs_is_asked_and_what_the_old_one_says_then_counts_for_nothing(
    tmp_path: Path,
) -> None:
    device, ends = two(tmp_path), Event()
    post = device.post()
    homes = Hangs(device, ("identity",), ends.is_set)
    once = Watching(replace(post, road=replace(post.road, homes=homes), patience_seconds=0.02))
    once.round()
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    for _ in range(3000):
        once.round()
        bot = once._keeping.of(STRATEGY).bot
        if bot is not None and bot.bundle == NEW and bot.points:
            break
    else:
        pytest.fail("the new one was not asked")
    assert not ends.is_set()
    ends.set()
    for _ in range(3000):
        if not once._looking._asking.out:
            break
        once.rest()
        Event().wait(0.01)
    assert {one.bot.bundle for one in once._looking.seen[STRATEGY]} == {NEW}
    assert once.round().problems == ()
    once.close()


def test_wherever_the_watch_dies_every_bot_of_the_account_ends_up_held(tmp_path: Path) -> None:
    """Also between the bots: those that were held stay so, and the next watch holds the others."""
    begun, number, died = two(tmp_path), 0, set[str]()
    while True:
        number += 1
        assert number < MOST_CALLS
        for takes_effect in (False, True):
            device = deepcopy(begun)
            loses(device)
            device.calls, device.dies_at, device.died_in = 0, (number, takes_effect), ""
            with suppress(Crash):
                device.round()
            died.add(device.died_in)
            acted = set(device.holds)
            device.dies_at = None
            where = f"died at call {number} ({device.died_in}), {'after' if takes_effect else 'before'} it"
            device.wait(10)
            device.round()
            assert acted <= set(device.holds) == {FIRST, SECOND}, where
            assert (device.count("braked"), device.violations, device.road().ledger.verify()) == (2, [], ()), where
            assert device.entering() == [], where
        if not device.died_in:
            break
    assert {"memory", f"hold {FIRST}", f"hold {SECOND}", "ledger: braked"} <= died
    assert any(what.startswith("pause ") for what in died), "both are paused at the same time"
