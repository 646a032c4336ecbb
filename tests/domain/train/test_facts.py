"""Facts: written and read back as they were; what is not understood is refused with its line, never skipped."""

from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from pipeline.domain.ledger import Entry, Head, follow
from pipeline.domain.train import fact_text
from pipeline.domain.train.decisions import Blocked, EntriesStopped, Soaked
from pipeline.domain.train.facts import KINDS, Fact, body_of, kind_of, recorded
from pipeline.domain.train.movements import Deploying, Purpose
from pipeline.domain.train.steps import Step, StepKind
from pipeline.errors import Refused
from tests.domain.train.any_facts import facts

AT = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


def entry(kind: str, body: dict[str, Any]) -> Entry:
    return follow(Head(), AT, kind, body)


def refused(kind: str, body: dict[str, Any]) -> str:
    with pytest.raises(Refused) as error:
        recorded([entry(kind, body)])
    return error.value.message


@given(facts())
def test_a_fact_is_read_back_as_it_was_written(fact: Fact) -> None:
    found = recorded([entry(kind_of(fact), dict(body_of(fact)))])
    assert [(record.line, record.at, record.fact) for record in found] == [(1, AT, fact)]


BLOCKED = {"environment": "prod", "strategy": "trend", "bundle": "sha256:1", "by": "ada", "reason": "loses"}


@pytest.mark.parametrize("key", BLOCKED)
def test_a_missing_key_is_named(key: str) -> None:
    body = {name: value for name, value in BLOCKED.items() if name != key}
    assert f"line 1: the 'blocked' entry is malformed: {key} is missing" in refused("blocked", body)


@pytest.mark.parametrize("value", ["", 7, None, [], True])
def test_a_value_that_cannot_be_meant_is_named(value: object) -> None:
    assert "bundle is" in refused("blocked", {**BLOCKED, "bundle": value})


def test_a_key_that_is_not_known_is_refused_because_it_may_mean_something() -> None:
    assert "until is not known" in refused("blocked", {**BLOCKED, "until": "tomorrow"})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Refused) as error:
        recorded([entry("blocked", {}), entry("teleported", {})])
    told = error.value.message
    assert "bundle is missing; by is missing" in told
    assert "holds an entry of the unknown kind 'teleported'" in told
    assert "newer freqtrain" in error.value.hint


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("draining", {"deadline_at": "2025-03-01T12:00:00"}, "deadline_at is not a time with its zone"),
        ("draining", {"deadline_at": "soon"}, "deadline_at is not a time"),
        ("draining", {"rest": "shrug"}, "rest is not one of carry, drain, exit: 'shrug'"),
        ("drained", {"open_trades": True}, "open_trades is not a whole number: True"),
        ("soaked", {"healthy_hours": "nan"}, "healthy_hours is not a finite number"),
        ("approved", {"bundles": "sha256:1"}, "bundles is not a list"),
        ("approved", {"bundles": ["sha256:1", 2]}, "bundles[1] is not a text: 2"),
        ("step_began", {"step": "prove"}, "step is not an object"),
        ("step_began", {"step": {"kind": "fly"}}, "step.kind is not one of preflight"),
        ("deployed", {"released": "yes"}, "released is not true or false"),
    ],
)
def test_a_value_of_another_type_is_named(kind: str, body: dict[str, Any], told: str) -> None:
    assert told in refused(kind, body)


def test_an_entry_written_before_a_field_existed_is_read_with_its_default() -> None:
    fact = Deploying("prod", "trend", Purpose.DEPLOY, "sha256:1", "a", (Step(StepKind.RECORD),), "ada")
    body = body_of(fact)
    for name in ("reason", "old_bundle", "old_slot", "trades", "evidence"):
        del body[name]
    assert recorded([entry("deploying", dict(body))])[0].fact == fact


def test_every_kind_is_a_past_participle_or_a_fact_under_way_and_has_one_class() -> None:
    assert len(set(KINDS.values())) == len(KINDS)
    assert all(kind_of(fact) == kind for kind, made in KINDS.items() for fact in [_example(made)])


def _example(kind: type[Fact]) -> Fact:
    empty = {field.name: None for field in fields(kind) if field.default is MISSING}
    return kind(**empty)  # type: ignore[arg-type]


def test_a_body_that_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="the body is not an object"):
        fact_text.read(Blocked, ["prod"])


@pytest.mark.parametrize(
    "fact",
    [
        Blocked("prod", "trend", "", "ada", "loses"),
        Blocked("prod", "trend", "sha256:1", "ada", ""),
        Soaked("prod", "trend", "sha256:1", float("nan"), 1),
        EntriesStopped("prod", "trend", "ada", exits=1),  # type: ignore[arg-type]
    ],
)
def test_a_fact_that_could_not_be_read_back_is_not_written(fact: Fact) -> None:
    with pytest.raises(ValueError, match="is"):
        body_of(fact)
