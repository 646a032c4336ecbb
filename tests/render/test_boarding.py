"""What a person and a program read about a promotion."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.train.boarding import Boarding, Boards, Seat
from pipeline.domain.train.decisions import Approved, Asked
from pipeline.domain.train.promotion import Attempt, Idle, Promotion
from pipeline.domain.train.state import Question
from pipeline.domain.verdict import Finding, Outcome, Verdict
from pipeline.errors import ExitCode
from pipeline.render.boarding import asked_outputs, failed_document, promotion_document, promotion_text
from pipeline.render.boarding_summary import promotion_markdown

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LACKS = Verdict((Finding("boarding", "closed_trades", Outcome.INCONCLUSIVE, "0 of 1 closed trades"),))


def seat(strategy: str, digit: str, decision: Boards, reason: str = "", overridden: str = "") -> Seat:
    bundle = f"sha256:{digit * 64}" if digit else ""
    return Seat(strategy, bundle, decision, LACKS if reason else Verdict(()), reason, overridden)


SEATS = (
    seat("range_dip", "a", Boards.BOARDS),
    seat("sma_trend", "b", Boards.ANYWAY, "0 of 1 closed trades; it is a fix of the stop", "it is a fix of the stop"),
    seat("breakout", "c", Boards.STAYS, "3 of 24 hours healthy; 0 of 1 closed trades; its entries are held there: brake since 2026-01-01 10:00 UTC"),
    seat("fresh", "", Boards.STAYS, "no bundle was cut from it"),
    seat("pullback", "d", Boards.BLOCKED, "by operator since 2026-01-01 10:00 UTC: it lost"),
    seat("steady", "e", Boards.THERE),
    seat("old_one", "f", Boards.RETIRES, "it was deleted; ffffffffffff manages its trades to their end and enters none"),
)  # fmt: skip
ATTEMPTS = (
    Attempt("old_one", ExitCode.DONE, "enters nothing any more, and manages its trades to their end"),
    Attempt("range_dip", ExitCode.DONE, "aaaaaaaaaaaa runs"),
    Attempt("sma_trend", ExitCode.UNDONE, "prove failed; what ran before runs again", "look at its log"),
)
MADE = Promotion("sandbox", COMMIT, Boarding(SEATS), "v1.4", recorded=True, attempts=ATTEMPTS)
TO_SIGN = f"freqtrain approval 1\nenvironment: prod\nbundle: sha256:{'a' * 64}\npolicy: sha256:{'1' * 64}\n"
UNSIGNED = Promotion("prod", COMMIT, Boarding(SEATS[:1]), "v1.4", TO_SIGN)

AT = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
BUNDLES = (f"sha256:{'a' * 64}", f"sha256:{'b' * 64}")
ASKING = Question(AT, Asked("prod", 77, BUNDLES, "sha256:1", f"tag v1.4 at {COMMIT}", "bob", AT + timedelta(hours=24)))
YES = Approved("prod", BUNDLES, "sha256:1", "@ada", AT + timedelta(hours=24), "sha256:2", 77)


@pytest.mark.parametrize(
    ("name", "promotion", "width"),
    [
        ("promotion", MADE, 110),
        ("promotion_narrow", MADE, 80),
        ("promotion_planned", replace(MADE, tag="", recorded=False, planned=True, attempts=()), 110),
        ("promotion_unsigned", UNSIGNED, 110),
        (
            "promotion_asking",
            replace(MADE, environment="prod", recorded=False, planned=True, attempts=(), question=ASKING),
            110,
        ),
        ("promotion_approved", replace(MADE, environment="prod", approved=YES), 110),
    ],
)
def test_a_person_reads_a_row_a_strategy(
    golden: Callable[[str, str], None], name: str, promotion: Promotion, width: int
) -> None:
    golden(f"render/{name}.txt", promotion_text(promotion, width))


def test_what_others_wrote_cannot_move_the_cursor_or_command_a_workflow() -> None:
    said = seat("dip", "a", Boards.ANYWAY, "\x1b[2Jgone\u202e\n::error::x")
    text = promotion_text(replace(MADE, boarding=Boarding((said,))))
    assert not {"\x1b", "\u202e"} & set(text)
    assert "\n::" not in text


def test_a_tag_with_a_command_in_its_name_is_quoted() -> None:
    text = promotion_text(replace(UNSIGNED, tag="v1;touch${IFS}gone"))
    assert "--tag 'v1;touch${IFS}gone' --approval" in text


def test_what_is_to_be_signed_stands_there_unchanged() -> None:
    assert f"<<'END'\n{TO_SIGN}END\n" in promotion_text(UNSIGNED)


def test_a_program_reads_the_same() -> None:
    found = json.loads(json.dumps(promotion_document(MADE)))
    assert next(iter(found.items())) == ("outcome", "UNDONE")
    assert [one["decision"] for one in found["strategies"]] == [one.decision.value for one in SEATS]
    assert found["strategies"][1]["overridden"] == "it is a fix of the stop"
    assert found["attempts"][2] == {
        "strategy": "sma_trend", "outcome": "UNDONE", "told": "prove failed; what ran before runs again", "hint": "look at its log", "runs": ""
    }  # fmt: skip
    assert promotion_document(UNSIGNED)["outcome"] == "REFUSED"
    assert set(failed_document("prod", "v1", "", ExitCode.TOOL, "", "")) == set(found)


def test_a_program_reads_who_was_asked_and_who_said_yes() -> None:
    asking = json.loads(json.dumps(promotion_document(replace(MADE, question=ASKING))))
    assert (asking["asked"]["run"], asking["asked"]["bundles"]) == (77, list(BUNDLES))
    assert asking["asked"]["expires_at"] == "2026-01-02T12:00:00+00:00"
    assert promotion_document(replace(MADE, approved=YES))["approved_by"] == "@ada"


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ((), ExitCode.DONE),
        ((ExitCode.DONE, ExitCode.LOCKED), ExitCode.LOCKED),
        ((ExitCode.REFUSED, ExitCode.UNDONE, ExitCode.DONE), ExitCode.UNDONE),
        ((ExitCode.UNDONE, ExitCode.TOOL), ExitCode.TOOL),
    ],
)
def test_the_exit_code_is_that_of_the_worst(codes: tuple[ExitCode, ...], worst: ExitCode) -> None:
    attempts = tuple(Attempt("dip", code, "x") for code in codes)
    assert replace(MADE, attempts=attempts).code is worst


@pytest.mark.parametrize(
    ("decision", "moves"),
    [
        (Boards.BOARDS, True),
        (Boards.ANYWAY, True),
        (Boards.RETIRES, True),
        (Boards.STOPS, True),
        (Boards.THERE, False),
        (Boards.STAYS, False),
        (Boards.BLOCKED, False),
        (Boards.FROZEN, False),
    ],
)
def test_the_job_that_comes_after_is_told_whether_there_is_anything_to_do(decision: Boards, moves: bool) -> None:
    seats = (seat("steady", "e", Boards.THERE), seat("range_dip", "a", decision))
    told = "true" if moves else "false"
    assert asked_outputs(replace(MADE, boarding=Boarding(seats))) == f"moves={told}\n"


def test_that_nothing_boards_by_itself_is_told_as_every_promotion_is_and_asks_for_no_job_that_comes_after() -> None:
    idle = Idle("prod", "'prod' says promotion: manual, so a person lets bundles board\n::error::x")
    assert promotion_text(idle).startswith("nothing boards by itself: 'prod' says promotion: manual")
    assert "\n::" not in promotion_text(idle)
    document = promotion_document(idle, "77.1")
    assert set(document) == set(promotion_document(MADE))
    assert (document["outcome"], document["told"], document["run"]) == ("DONE", idle.told, "77.1")
    assert (asked_outputs(idle), promotion_markdown(idle)) == ("", "")
