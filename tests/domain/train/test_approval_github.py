"""An approval on GitHub counts only if each rule holds: the right run, the right question, the right person, and nobody against it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.domain.github import Person, Review, WorkflowRun
from pipeline.domain.train.approval import Wanted
from pipeline.domain.train.approval_github import Answered, Approvers, Where, Writers, approver, check_github
from pipeline.domain.train.decisions import Asked
from pipeline.domain.train.state import Question
from pipeline.domain.verdict import Outcome

ONE, TWO, POLICY = ("sha256:" + digit * 64 for digit in "12f")
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SHA = "a" * 40
BOB = Person("bob", 2)
SOURCE = f"tag v1 at {SHA}"
WANTED = Wanted("prod", frozenset({ONE, TWO}), POLICY)
ASKED = Asked("prod", 7, (ONE, TWO), POLICY, SOURCE, "bob", AT + timedelta(hours=24))
RUN = WorkflowRun(
    7, 1, ".github/workflows/prod.yml", "workflow_dispatch", SHA, "main", "o/r", "in_progress", "", "https://x", AT
)
WHERE = Where("o/r", "main", "v1", on_main=True)
GOOD: dict[str, Any] = {
    "question": Question(AT, ASKED),
    "run": RUN,
    "reviews": (Review("approved", Person("ada", 1), ("prod",), ""),),
    "where": WHERE,
    "wanted": WANTED,
    "source": SOURCE,
    "now": AT + timedelta(hours=1),
    "approvers": Approvers(frozenset({"ada", "bob"})),
    "writers": Writers(frozenset({BOB})),
    "valid_for": timedelta(hours=24),
}


def against(**changed: Any) -> list[str]:
    given = {**GOOD, **changed}
    answered = Answered(given.pop("run"), given.pop("reviews"))
    verdict = check_github(answered=answered, **given)
    return [f"{one.rule}: {one.reason}" for one in verdict.findings if one.outcome is not Outcome.PASS]


def said(login: str, state: str = "approved", *environments: str) -> Review:
    return Review(state, Person(login, sum(login.encode())), environments or ("prod",), "")


def test_the_right_answer_to_the_right_question_is_a_yes() -> None:
    assert against() == []
    assert against(run=replace(RUN, event="push", branch="v1", head_repository="O/R")) == []
    assert against(reviews=(said("eve"), said("ADA", "approved", "sandbox", "prod"))) == []


@pytest.mark.parametrize(
    ("changed", "rule", "why"),
    [
        ({"run": replace(RUN, workflow=".github/workflows/evil.yml")}, "workflow", "'prod' is approved by .github/workflows/prod.yml"),
        ({"run": replace(RUN, head_repository="eve/r")}, "repository", "The run is for eve/r, and this is o/r"),
        ({"run": replace(RUN, head_repository="")}, "repository", "no repository"),
        ({"run": replace(RUN, event="pull_request_target")}, "event", "pull_request_target"),
        ({"run": replace(RUN, branch="idea")}, "ref", "The run is one of 'idea', and this is main or v1"),
        ({"run": replace(RUN, branch="")}, "ref", "main or v1"),
        ({"where": replace(WHERE, on_main=False)}, "commit", "is to be on the protected main"),
        ({"run": replace(RUN, status="completed")}, "running", "an approval ends with its run"),
        ({"question": None}, "asked", "This device was asked nothing by this run"),
        ({"question": Question(AT, replace(ASKED, environment="test"))}, "environment", "for 'test', and this is 'prod'"),
        ({"wanted": replace(WANTED, bundles=frozenset({ONE}))}, "bundles", "no longer boarding: 222222222222"),
        ({"wanted": replace(WANTED, bundles=frozenset({ONE, TWO, POLICY}))}, "bundles", "Not approved: ffffffffffff"),
        ({"wanted": replace(WANTED, policy=ONE)}, "policy", "this is 111111111111"),
        ({"now": AT + timedelta(hours=24)}, "expiry", "expires at 2026-03-02T12:00:00Z"),
        ({"now": AT - timedelta(hours=1)}, "issue", "was a clock set back?"),
        ({"valid_for": timedelta(hours=23)}, "validity", "holds for 24 hours, and the environment allows 23"),
        ({"source": f"tag v2 at {SHA}"}, "source", "asked for tag v1 at"),
        ({"reviews": ()}, "approver", "Nobody approved 'prod' in this run; may: @ada, @bob"),
        ({"reviews": (said("ada", "pending"),)}, "approver", "Nobody approved"),
        ({"reviews": (said("ada", "Approved"),)}, "approver", "Nobody approved"),
        ({"reviews": (said("ada", "approved", "sandbox"),)}, "approver", "Nobody approved"),
        ({"reviews": (said("ada", "approved", "prod "),)}, "approver", "Nobody approved"),
        ({"reviews": (said("eve"),)}, "approver", "@eve approved and may not. Who may: @ada, @bob."),
        ({"reviews": (said("Bob"),)}, "approver", "@Bob approved and is an author of what boards"),
        ({"reviews": (said("ada"), said("eve", "rejected"))}, "rejection", "@eve said no to 'prod' in this run"),
        ({"approvers": Approvers(frozenset(), ("@o/product",))}, "approver", "Who is in @o/product, a workflow's token cannot ask: name people"),
        ({"writers": Writers()}, "authors", "GitHub knows no account, so nobody can be told apart"),
        ({"writers": Writers(frozenset({BOB}), ("eve@example.org",))}, "authors", "no account for eve@example.org"),
    ],
)  # fmt: skip
def test_whatever_is_not_as_it_must_be_is_a_no(changed: dict[str, Any], rule: str, why: str) -> None:
    (told,) = against(**changed)
    assert told.startswith(f"{rule}: ")
    assert why in told


def test_alone_the_author_approves_and_nobody_has_to_be_told_apart() -> None:
    alone = Approvers(frozenset({"bob"}), solo=True)
    assert against(approvers=alone, reviews=(said("bob"),), writers=Writers(unknown=("x@y",))) == []
    assert len(against(approvers=alone, reviews=(said("eve"),))) == 1


def test_everything_that_speaks_against_it_is_told_at_once() -> None:
    found = against(
        run=replace(RUN, workflow="x.yml", event="schedule"), question=None, reviews=(said("eve", "rejected"),)
    )
    assert [told.partition(":")[0] for told in found] == ["workflow", "event", "asked", "rejection", "approver"]


def test_an_author_who_goes_by_another_name_now_stays_one() -> None:
    renamed = Review("approved", Person("ada", BOB.id), ("prod",), "")
    (told,) = against(reviews=(renamed,))
    assert "@ada approved and is an author of what boards" in told


def test_who_approved_is_whoever_may_among_those_who_said_yes() -> None:
    reviews = (said("bob"), said("Ada"), said("eve"))
    assert (
        approver(reviews, "prod", Approvers(frozenset({"ada", "bob"})), Writers(frozenset({Person("BOB", 99)})))
        == "Ada"
    )
    assert approver(reviews, "sandbox", Approvers(frozenset({"ada"})), Writers()) == ""
