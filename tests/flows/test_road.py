"""What a verb reads of the ledger again and again: only what was added is folded, and nothing else is ever taken for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.ledger import Entry, Head, after, follow
from pipeline.domain.train.decisions import EntriesStopped, Released
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.fold import fold_ledger
from pipeline.errors import Refused
from pipeline.flows.road import Folded
from tests.domain.train.any_facts import facts

AT = datetime(2026, 1, 1, tzinfo=UTC)


def entries(told: Sequence[Fact]) -> tuple[Entry, ...]:
    head, made = Head(), []
    for number, fact in enumerate(told):
        entry = follow(head, AT + timedelta(seconds=number), kind_of(fact), body_of(fact))
        head = after(head, entry)
        made.append(entry)
    return tuple(made)


@given(st.lists(facts(environment=st.just("test")), max_size=12), st.data())
def test_reading_on_tells_the_same_as_reading_everything(told: list[Fact], data: st.DataObject) -> None:
    whole, folded = entries(told), Folded()
    for count in sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=4))):
        assert folded.state(whole[:count], "test") == fold_ledger(whole[:count], "test")
    assert folded.state(whole, "test") == fold_ledger(whole, "test")


def test_another_ledger_a_shorter_one_and_another_environment_are_read_from_their_beginning() -> None:
    stop, go = EntriesStopped("test", "dip", "anna", "enough"), Released("test", "dip", "ben", "again")
    folded = Folded()
    assert folded.state(entries([stop]), "test").of("dip").holds != ()
    assert folded.state(entries([go]), "test").of("dip").holds == ()
    assert folded.state(entries([go, stop]), "test").of("dip").holds != ()
    assert folded.state((), "test").strategies == {}
    prod = entries([replace(stop, environment="prod")])
    assert folded.state(prod, "prod").of("dip").holds != ()
    with pytest.raises(Refused, match="holds entries of other environments"):
        folded.state(prod, "test")


def test_what_cannot_be_understood_is_refused_each_time_and_forgets_nothing() -> None:
    stop = EntriesStopped("test", "dip", "anna", "enough")
    (first,) = entries([stop])
    strange = follow(after(Head(), first), AT, "from_the_future", {})
    folded = Folded()
    before = folded.state((first,), "test")
    for _ in range(2):
        with pytest.raises(Refused, match="line 2: holds an entry of the unknown kind"):
            folded.state((first, strange), "test")
    assert folded.state((first,), "test") == before
