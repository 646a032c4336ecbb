"""What a person reads on GitHub about a promotion and about a roll-back, word for word."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pipeline.domain.promotion_account import AttemptAccount, Deploy, Ended, PromotionAccount, SeatAccount
from pipeline.domain.train.boarding import Boards
from pipeline.domain.verdict import Outcome
from pipeline.errors import ExitCode
from pipeline.render.github_promotion import issue_markdown, section_markdown, sentence
from pipeline.render.github_roll_back import issue_markdown as rolled_back
from tests.adapters.test_roll_back_file import ONE

BUNDLES = {digit: f"sha256:{digit * 64}" for digit in "abcdef"}
SHA = "0123456789abcdef0123456789abcdef01234567"
SHOWN = ((Outcome.PASS, "49.5 of 48 hours healthy"), (Outcome.INCONCLUSIVE, "0 of 1 closed trades"))
SEATS = (
    SeatAccount("range_dip", BUNDLES["a"], Boards.BOARDS, "", SHOWN[:1]),
    SeatAccount("sma_trend", BUNDLES["b"], Boards.ANYWAY, "0 of 1 closed trades; it is a fix of the stop", SHOWN),
    SeatAccount("breakout", BUNDLES["c"], Boards.STAYS, "0 of 1 closed trades", SHOWN),
    SeatAccount("fresh", "", Boards.STAYS, "no bundle was cut from it"),
    SeatAccount("pullback", BUNDLES["d"], Boards.BLOCKED, "by operator since 2026-01-01 10:00 UTC: it lost"),
    SeatAccount("steady", BUNDLES["e"], Boards.THERE, ""),
    SeatAccount("old_one", BUNDLES["f"], Boards.RETIRES, "it was deleted"),
)
ATTEMPTS = (
    AttemptAccount("range_dip", ExitCode.DONE, "aaaaaaaaaaaa runs"),
    AttemptAccount(
        "sma_trend", ExitCode.UNDONE, "prove failed; what ran before runs again", "look at its log", BUNDLES["f"]
    ),
    AttemptAccount("old_one", ExitCode.DONE, "enters nothing any more"),
)
ACCOUNT = PromotionAccount(
    ExitCode.UNDONE, "sandbox", "v1.4", SHA, False, False, "", "", SEATS, ATTEMPTS, approved_by="@ada"
)
LINK = "https://github.com/o/r/actions/runs/700"
DEPLOY = Deploy("sandbox", SHA, "v1.4", Ended.FAILURE, (700, 1), LINK)


def test_the_release_notes_of_a_tag(golden: Callable[[str, str], None]) -> None:
    golden("render/release_notes.md", section_markdown(DEPLOY, ACCOUNT, ""))


def test_the_release_notes_of_a_job_without_a_word(golden: Callable[[str, str], None]) -> None:
    golden("render/release_notes_missing.md", section_markdown(DEPLOY, None, "the device left no word"))


def test_the_issue_of_a_deployment_that_was_taken_back(golden: Callable[[str, str], None]) -> None:
    golden("render/issue_undone.md", issue_markdown(ATTEMPTS[1], ACCOUNT, DEPLOY))


@pytest.mark.parametrize(
    ("name", "changed"), [("ended", {}), ("without_a_good_one", {"to": ""}), ("not_ended", {"ended_at": None})]
)
def test_the_issue_of_a_roll_back(golden: Callable[[str, str], None], name: str, changed: dict[str, object]) -> None:
    golden(f"render/issue_rolled_back_{name}.md", rolled_back(replace(ONE, **changed), LINK))  # type: ignore[arg-type]


def test_a_line_counts_everybody() -> None:
    assert sentence(replace(DEPLOY, ended=Ended.SUCCESS), ACCOUNT, "") == (
        "2 board, 2 stay, 1 is blocked, 1 leaves, 1 runs already; 1 undone"
    )
    nobody = replace(ACCOUNT, seats=(), attempts=(), code=ExitCode.DONE)
    assert sentence(replace(DEPLOY, ended=Ended.SUCCESS), nobody, "") == "there is no strategy"
