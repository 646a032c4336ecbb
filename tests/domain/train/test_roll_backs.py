"""Roll-backs as a ledger tells them: each once, by one name for ever, with what was known of the bundle."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from pipeline.domain.ledger import Entry, Head, after, follow
from pipeline.domain.train.decisions import Blocked, BlockLifted, Braked, Observed, Promoted, RolledBack, Soaked
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.roll_backs import RollBack, roll_backs
from pipeline.errors import Refused
from tests.domain.train.world import NEW, OLD, START

PLACE = ("sandbox", "dip")
GOOD = (
    Promoted(*PLACE, OLD, "ada", "boards", "sha256:" + "e" * 64, "tag v1.3"),
    Deploying(*PLACE, Purpose.DEPLOY, OLD, "a", (), "ada"),
    Deployed(*PLACE, OLD, "a", "ada"),
    Soaked(*PLACE, OLD, 49.0, 12),
)
BAD = (
    Promoted(*PLACE, NEW, "ada", "boards", "sha256:" + "f" * 64, "tag v1.4"),
    Deploying(*PLACE, Purpose.DEPLOY, NEW, "b", (), "ada", old_bundle=OLD, old_slot="a"),
    Deployed(*PLACE, NEW, "b", "ada"),
    Observed(*PLACE, NEW, 3.5, 4),
    Braked(*PLACE, NEW, "drawdown_max_ratio", "The drawdown is 12.00 % (limit 10 %)."),
)
BLOCKED = Blocked(*PLACE, NEW, "brake", "drawdown")
BACK = (
    Deploying(*PLACE, Purpose.ROLL_BACK, OLD, "a", (), "brake", old_bundle=NEW, old_slot="b"),
    Deployed(*PLACE, OLD, "a", "brake"),
)
ENDED = RolledBack(*PLACE, NEW, "brake", "drawdown", OLD)


def ledger(*facts: Fact, each: timedelta = timedelta(minutes=1)) -> list[Entry]:
    """A minute between two entries."""
    head, entries = Head(), []
    for number, fact in enumerate(facts):
        entry = follow(head, START + number * each, kind_of(fact), body_of(fact))
        head = after(head, entry)
        entries.append(entry)
    return entries


def told(entries: Sequence[Entry], since: datetime = START, asked: str = "") -> tuple[RollBack, ...]:
    return roll_backs(entries, "sandbox", since, asked=asked)


def test_one_by_a_brake_is_told_with_all_that_was_known() -> None:
    entries = ledger(*GOOD, *BAD, BLOCKED, *BACK, ENDED)
    (one,) = told(entries)
    assert (one.environment, one.strategy, one.bundle, one.to, one.runs) == ("sandbox", "dip", NEW, OLD, OLD)
    assert (one.by, one.reason, one.entry) == ("brake", "drawdown", entries[9].hash)
    assert (one.began_at, one.ended_at) == (START + timedelta(minutes=10), START + timedelta(minutes=12))
    known = one.known
    assert (known.source, known.evidence, known.healthy_hours, known.closed_trades) == (
        "tag v1.4",
        "sha256:" + "f" * 64,
        3.5,
        4,
    )
    assert known.deployed_at == START + timedelta(minutes=6)
    assert known.brakes == ("2025-03-01 12:08 UTC, drawdown_max_ratio: The drawdown is 12.00 % (limit 10 %).",)


def test_one_without_a_good_bundle_came_back_to_nothing() -> None:
    entries = ledger(*BAD[:3], BLOCKED, RolledBack(*PLACE, NEW, "ada", "it lost"))
    (one,) = told(entries)
    assert (one.to, one.runs, one.by, one.reason, one.ended_at is None) == ("", NEW, "ada", "it lost", False)
    assert one.known.brakes == ()


def test_one_whose_verb_died_is_told_as_not_ended_whatever_runs() -> None:
    begun = ledger(*GOOD, *BAD, BLOCKED, BACK[0])
    assert [(one.ended_at, one.to, one.by) for one in told(begun)] == [(None, OLD, "brake")]
    mended = ledger(*GOOD, *BAD, BLOCKED, *BACK)
    assert [(one.ended_at, one.runs) for one in told(mended)] == [(None, OLD)]


def test_one_that_is_tried_again_keeps_its_name() -> None:
    begun = ledger(*GOOD, *BAD, BLOCKED, BACK[0])
    again = ledger(*GOOD, *BAD, BLOCKED, BACK[0], BLOCKED, *BACK, ENDED)
    assert [one.entry for one in told(again)] == [one.entry for one in told(begun)]


def test_a_bundle_that_is_taken_back_again_after_its_block_was_lifted_is_another_roll_back() -> None:
    lifted = BlockLifted("sandbox", NEW, "ada", "it was the exchange")
    entries = ledger(*GOOD, *BAD, BLOCKED, *BACK, ENDED, lifted, *BAD[1:3], BLOCKED, *BACK, ENDED)
    one, other = told(entries)
    assert one.entry != other.entry
    assert one.bundle == other.bundle


def test_a_block_alone_is_no_roll_back_unless_one_was_asked_for() -> None:
    entries = ledger(*GOOD, *BAD, BLOCKED)
    assert told(entries) == ()
    (one,) = told(entries, asked="dip")
    assert (one.ended_at, one.to, one.runs) == (None, "", NEW)
    assert told(entries, asked="wave") == ()
    assert told(entries, START + timedelta(minutes=10), asked="dip") == ()


def test_a_first_deployment_that_was_taken_back_is_none() -> None:
    assert told(ledger(*GOOD, *BAD[:3])) == ()


def test_only_what_happened_since_then_is_told() -> None:
    entries = ledger(*GOOD, *BAD, BLOCKED, *BACK, ENDED)
    assert len(told(entries, START + timedelta(minutes=12))) == 1
    assert told(entries, START + timedelta(minutes=13)) == ()


def test_a_ledger_that_is_not_understood_is_refused() -> None:
    entry = follow(Head(), START, "bewitched", {})
    with pytest.raises(Refused, match="unknown kind"):
        told([entry])
