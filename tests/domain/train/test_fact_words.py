"""Every fact has a sentence."""

from datetime import UTC, datetime

import pytest
from hypothesis import given

from pipeline.domain.train.decisions import ParityMeasured, Promoted, RolledBack
from pipeline.domain.train.fact_words import say
from pipeline.domain.train.facts import KINDS, Fact
from pipeline.domain.train.movements import Deployed, Draining, StepBegan, TradePolicy, Undone
from pipeline.domain.train.steps import Step, StepKind
from tests.domain.train.any_facts import facts

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64


@given(facts())
def test_every_fact_has_a_sentence(fact: Fact) -> None:
    assert say(fact)


def test_no_kind_is_without_one() -> None:
    assert set(KINDS.values()) <= set(say.registry)


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        (
            Deployed("prod", "trend", ONE, "a", "ada", down_seconds=8.25),
            "trend: 111111111111 was deployed by ada, 8.2 s without a bot",
        ),
        (Undone("prod", "trend", TWO, "sick", ONE), "trend: 222222222222 was taken back, 111111111111 goes on: sick"),
        (
            RolledBack("prod", "trend", TWO, "ada", "loses"),
            "trend: rolled back from 222222222222 to nothing: no bundle is known to be good, entries stay stopped by ada: loses",
        ),
        (
            Promoted("prod", "trend", ONE, "ada", "tag v1", source="v1", overridden="a fix"),
            "trend: 111111111111 was promoted at v1 by ada, though it lacks something: a fix (tag v1)",
        ),
        (
            Draining("prod", "trend", ONE, TWO, datetime(2025, 3, 1, tzinfo=UTC), TradePolicy.CARRY, "ada"),
            "trend: 111111111111 drains for 222222222222, at the latest until 2025-03-01 00:00 UTC by ada",
        ),
        (
            ParityMeasured(
                *(
                    "prod",
                    "trend",
                    ONE,
                    datetime(2025, 3, 1, tzinfo=UTC),
                    datetime(2025, 3, 8, tzinfo=UTC),
                    TWO,
                    18,
                    20,
                ),
                *(("late_fill: 1", "missed_entry: 1"), "ada"),
            ),
            "trend: 18 of 20 trades of 111111111111 from 2025-03-01 00:00 to 2025-03-08 00:00 UTC are the backtest's "
            "(late_fill: 1, missed_entry: 1) by ada",
        ),
        (StepBegan("prod", "trend", 0, Step(StepKind.PREFLIGHT)), "trend: 1. check what could speak against it"),
    ],
)
def test_a_fact_reads_as_a_sentence(fact: Fact, sentence: str) -> None:
    assert say(fact) == sentence


def test_what_is_no_fact_has_none() -> None:
    with pytest.raises(TypeError, match="is no fact"):
        say("deployed")
