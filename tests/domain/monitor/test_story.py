"""What is remembered of a ledger is the state, what a chart marks and what is news; it goes on where it was left."""

from datetime import UTC, datetime

from pipeline.domain.ledger import Entry, Head, after, follow
from pipeline.domain.monitor.story import MOST_TOLD, Story
from pipeline.domain.train.decisions import Braked, DecisionMade, Observed
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.state import EnvironmentState

AT = datetime(2026, 1, 1, tzinfo=UTC)
BUNDLE = "sha256:" + "1" * 64
FACTS: tuple[Fact, ...] = (
    Deploying("test", "trend", Purpose.DEPLOY, BUNDLE, "a", (), "owner"),
    Deployed("test", "trend", BUNDLE, "a", "owner"),
    Observed("test", "trend", BUNDLE, 24.0, 3),
    DecisionMade("test", "trend", BUNDLE, "hold", ("too few trades",)),
    DecisionMade("test", "trend", BUNDLE, "promote", ("it shows all",)),
    Braked("test", "trend", BUNDLE, "drawdown_max_ratio", "11 %"),
)


def chain(facts: tuple[Fact, ...], head: Head = Head()) -> tuple[Head, list[Entry]]:  # noqa: B008
    entries = []
    for fact in facts:
        entry = follow(head, AT, kind_of(fact), body_of(fact))
        head = after(head, entry)
        entries.append(entry)
    return head, entries


def test_a_story_that_is_read_in_parts_is_the_same_as_one_that_is_read_at_once() -> None:
    head, entries = chain(FACTS)
    whole = Story(EnvironmentState("test")).on(head, entries)
    parts = Story(EnvironmentState("test"))
    for entry in entries:
        parts = parts.on(after(parts.head, entry), [entry])
    assert parts == whole
    assert whole.state == fold_ledger(entries, "test")
    assert whole.head == head


def test_charts_mark_what_changed_and_what_is_told_leaves_out_what_happens_every_day() -> None:
    head, entries = chain(FACTS)
    story = Story(EnvironmentState("test")).on(head, entries)
    assert [mark.kind for mark in story.marks] == ["deployed", "braked"]
    assert [one.kind for one in story.told] == ["deployed", "decision_made", "braked"]


def test_what_is_told_does_not_grow_for_ever() -> None:
    head, entries = chain((*FACTS[:2], *FACTS[-1:] * 100))
    assert len(Story(EnvironmentState("test")).on(head, entries).told) == MOST_TOLD
