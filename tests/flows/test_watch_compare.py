"""A watch has accounts compared with databases while bots run, by another process, and acts on what that finds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pipeline.domain.train.state import HoldKind
from pipeline.errors import ToolFailed
from pipeline.flows.stop import release
from pipeline.flows.watch import Watching
from tests.domain.trading.samples import DRY
from tests.flows.watch_ground import BRAKED, OLD, STRATEGY, Bank, bank, bot_name

TOLD = "the account and the database do not agree: the order 7 was filled"


@dataclass
class Comparer:
    """Answers what it is told to, when it is told to."""

    answer: dict[str, str] | None = None
    fails: str = ""
    begun: int = 0
    ended: int = 0
    events: list[str] = field(default_factory=list)

    @contextmanager
    def ask(self) -> Iterator["Comparer"]:
        self.begun += 1
        try:
            yield self
        finally:
            self.ended += 1

    def compared(self) -> dict[str, str] | None:
        if self.fails:
            raise ToolFailed(self.fails)
        return self.answer


@pytest.fixture
def device(tmp_path: Path) -> Bank:
    return bank(tmp_path, BRAKED)


def watching(device: Bank, comparer: Comparer) -> Watching:
    return Watching(replace(device.post(), comparer=comparer))


def doubts(device: Bank) -> list[str]:
    holds = device.road().state().of(STRATEGY).holds
    return [hold.reason for hold in holds if hold.kind is HoldKind.DOUBT]


def test_what_no_database_explains_stops_entries_until_a_person_has_looked(device: Bank) -> None:
    comparer = Comparer()
    watch = watching(device, comparer)
    for _ in range(3):
        assert watch.round().vouched, "rounds go on meanwhile"
        device.wait(10)
    assert (comparer.begun, comparer.ended, device.entering()) == (1, 0, [OLD])
    comparer.answer = {STRATEGY: TOLD}
    watch.round()
    assert (comparer.ended, device.entering(), doubts(device)) == (1, [], [TOLD])
    assert bot_name() in device.holds
    assert TOLD in device.told[-1]
    device.wait(15 * 60)
    lines = len(device.lines)
    watch.round()
    watch.round()
    assert (comparer.begun, len(device.lines)) == (2, lines), "who is asked about it already is not asked again"
    comparer.answer = {}
    release((STRATEGY,), device.road(), "operator", "bought by hand")
    assert device.entering() == [OLD]


def test_accounts_are_compared_now_and_then(device: Bank) -> None:
    comparer = Comparer(answer={})
    watch = watching(device, comparer)
    for _ in range(85):
        watch.round()
        device.wait(10)
    assert comparer.begun == comparer.ended == 1
    device.wait(60)
    watch.round()
    assert comparer.begun == 2
    watch.close()
    assert comparer.ended == 2, "nobody compares when nobody watches"


def test_a_comparison_that_fails_is_told_keeps_no_lease_from_being_kept_and_is_tried_again(device: Bank) -> None:
    comparer = Comparer(fails="the exchange does not answer")
    watch = watching(device, comparer)
    watch.round()
    said = watch.round()
    assert said.problems == ("the accounts were not compared with the databases: the exchange does not answer",)
    assert said.vouched
    assert watch.round().problems == ()
    comparer.fails, comparer.answer = "", {STRATEGY: TOLD}
    device.wait(15 * 60)
    watch.round()
    watch.round()
    assert device.entering() == []


def test_a_dry_run_compares_nothing_and_a_single_round_leaves_it_to_who_goes_on(device: Bank, tmp_path: Path) -> None:
    comparer = Comparer(answer={STRATEGY: TOLD})
    watching(bank(tmp_path / "dry", replace(BRAKED, mode=DRY.mode, name=DRY.name)), comparer).round()
    Watching(replace(device.post(), comparer=comparer), beside=True).round()
    assert comparer.begun == 0
