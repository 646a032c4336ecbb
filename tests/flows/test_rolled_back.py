"""The roll-backs of a device's ledgers: one that cannot be read hides none of the others."""

from datetime import timedelta
from pathlib import Path

from pipeline.adapters.ledger_file import LedgerFile
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.flows.rolled_back import listed
from tests.domain.train.test_roll_backs import BACK, BAD, BLOCKED, ENDED, GOOD
from tests.fakes import FakeClock, FakeNarrator


def kept(folder: Path, clock: FakeClock, *facts: Fact) -> LedgerFile:
    """A ledger of `sandbox` with a second between two entries."""
    file = LedgerFile(folder / "ledger.jsonl", clock, FakeNarrator())
    for fact in facts:
        file.append(kind_of(fact), body_of(fact))
        clock.sleep(1)
    return file


def test_all_of_the_last_days_are_told_and_older_ones_are_not(tmp_path: Path) -> None:
    clock = FakeClock()
    ledgers = {"sandbox": kept(tmp_path, clock, *GOOD, *BAD, BLOCKED, *BACK, ENDED)}
    assert [one.strategy for one in listed(ledgers, clock, 3).roll_backs] == ["dip"]
    clock.at += timedelta(days=4)
    assert listed(ledgers, clock, 3).roll_backs == ()


def test_one_that_is_perhaps_still_at_work_is_told_the_next_time(tmp_path: Path) -> None:
    clock = FakeClock()
    ledgers = {"sandbox": kept(tmp_path, clock, *GOOD, *BAD, BLOCKED, BACK[0])}
    assert listed(ledgers, clock, 3).roll_backs == ()
    clock.at += timedelta(minutes=31)
    assert [one.ended_at for one in listed(ledgers, clock, 3).roll_backs] == [None]


def test_a_damaged_ledger_is_told_and_hides_none_of_the_others(tmp_path: Path) -> None:
    clock = FakeClock()
    good = kept(tmp_path / "good", clock, *GOOD, *BAD, BLOCKED, *BACK, ENDED)
    bad = kept(tmp_path / "bad", clock, *GOOD)
    file = tmp_path / "bad" / "ledger.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"ada"', b'"eve"', 1))
    found = listed({"bad": bad, "sandbox": good}, clock, 3)
    assert [one.strategy for one in found.roll_backs] == ["dip"]
    assert len(found.problems) == 1
