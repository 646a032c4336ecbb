"""The comment under a pull request, as people read it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.domain.gate_account import Commented, Ending, GateAccount, RunStory, StrategyAccount
from pipeline.domain.github import Comment, WorkflowRun
from pipeline.domain.joining import Delivered, Ended, Expected, join
from pipeline.domain.verdict import Measurement, Outcome, Subject
from pipeline.render.gate_comment import comment_markdown, commented_document, commented_text, told_run
from tests.bundle_samples import candidate, present, record

RUN = WorkflowRun(
    id=4711,
    attempt=2,
    workflow=".github/workflows/gate.yml",
    event="pull_request",
    sha="0123456789abcdef" * 2 + "01234567",
    branch="idea",
    head_repository="stranger/r",
    status="completed",
    conclusion="failure",
    url="https://github.com/o/r/actions/runs/4711",
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    number=12,
)


def account() -> GateAccount:
    """One that passed, with everything that was measured, and one that did not arrive."""
    wanted = [Expected(present(candidate(id))) for id in ("alpha", "beta")]
    joined = join(wanted, [Delivered("gate-1/alpha", "alpha", record(candidate("alpha")))], Ended(), simulated=True)
    return GateAccount(
        tuple(
            StrategyAccount(
                one.strategy,
                one.outcome,
                tuple(reason.reason for reason in one.reasons),
                one.record.measurements if one.record else (),
            )
            for one in joined.verdicts
        ),
        ("gate-2/<b> is no verdict that was planned.",),
        simulated=True,
    )


STORY = RunStory(RUN, Ending.RED, account(), "", (7,))


def profits(**values: float) -> RunStory:
    """A story of one strategy with these profits by window, the market's being nothing."""
    measured = [Measurement("profit_total_ratio", value, window) for window, value in values.items()]
    measured += [Measurement("profit_total_ratio", 0.0, window, Subject.MARKET) for window in values]
    return replace(STORY, account=GateAccount((StrategyAccount("dip", Outcome.FAIL, (), tuple(measured)),), (), False))


def test_it_reads_for_people(golden: Callable[[str, str], None]) -> None:
    golden("render/gate_comment.md", comment_markdown(STORY))


def test_which_run_it_tells_of_is_read_back_whatever_github_makes_of_the_ends_of_lines() -> None:
    page = comment_markdown(STORY)
    assert told_run(f"<!-- freqtrain gate -->\n{page}") == told_run(page.replace("\n", "\r\n")) == (12, 2)
    assert told_run("## The gate passed") == (0, 0)


def test_a_chart_is_drawn_only_of_numbers_that_can_be_drawn() -> None:
    assert "```mermaid" in comment_markdown(profits(a=0.1, b=-0.2))
    assert "```mermaid" not in comment_markdown(profits(a=0.1))
    assert "```mermaid" not in comment_markdown(profits(a=0.1, b=float("nan")))
    assert "```mermaid" not in comment_markdown(profits(a=0.1, b=float("inf")))


def test_a_run_whose_address_could_be_more_than_one_is_named_and_not_linked() -> None:
    page = comment_markdown(replace(STORY, run=replace(RUN, url="https://x>) ![y](https://z")))
    assert "run 4711 has the report" in page
    assert "https://" not in page


def test_what_was_done_is_said_for_people_and_for_programs() -> None:
    done = Commented({7: Comment(1, "", "https://github.com/o/r/pull/7#issuecomment-1")}, ("#8 tells of a newer run",))
    assert commented_text(done) == (
        "#7 is told: https://github.com/o/r/pull/7#issuecomment-1\nLeft alone: #8 tells of a newer run.\n"
    )
    assert commented_document(done) == {
        "outcome": "DONE",
        "comments": [{"pull_request": 7, "url": "https://github.com/o/r/pull/7#issuecomment-1"}],
        "left_alone": ["#8 tells of a newer run"],
    }
