"""What a person reads on a run's page before they let it into an environment."""

import re
from collections.abc import Callable
from dataclasses import replace

from pipeline.domain.train.boarding import Boarding, Boards, Seat
from pipeline.domain.verdict import Finding, Outcome, Verdict
from pipeline.render.boarding_summary import promotion_markdown
from tests.render.samples import HOSTILE
from tests.render.test_boarding import ASKING, MADE, SEATS

SHOWED = Verdict(
    (
        Finding("boarding", "healthy_hours", Outcome.PASS, "401 of 336 hours healthy"),
        Finding("boarding", "closed_trades", Outcome.PASS, "41 of 30 closed trades"),
    )
)
ASKED = replace(
    MADE,
    environment="prod",
    boarding=Boarding((replace(SEATS[0], verdict=SHOWED), *SEATS[1:])),
    recorded=False,
    planned=True,
    attempts=(),
    question=ASKING,
)


def test_what_is_asked_for_stands_there_with_what_each_strategy_showed(golden: Callable[[str, str], None]) -> None:
    golden("render/promotion_asking.md", promotion_markdown(ASKED))


def test_a_promotion_that_nobody_has_to_approve_says_what_came_of_it(golden: Callable[[str, str], None]) -> None:
    golden("render/promotion.md", promotion_markdown(MADE))


def test_hostile_words_format_nothing_and_end_no_table() -> None:
    verdict = Verdict((Finding("boarding", HOSTILE, Outcome.FAIL, HOSTILE),))
    seat = Seat(HOSTILE, f"sha256:{'a' * 64}", Boards.ANYWAY, verdict, HOSTILE, HOSTILE)
    text = promotion_markdown(replace(ASKED, tag=HOSTILE, boarding=Boarding((seat,))))
    outside = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "code", text)  # within a code span GitHub looks for nothing
    assert not re.search(r"<\w|(?<!\\)\]\(|@\w", outside)
    assert "\n::" not in text
    (row,) = [line for line in text.splitlines() if line.startswith("| ") and "boards anyway" in line]
    assert row.replace("\\|", "").count("|") == 5


def test_many_strategies_are_cut_short_and_counted() -> None:
    seats = tuple(replace(SEATS[2], strategy=f"s{number}") for number in range(150))
    text = promotion_markdown(replace(ASKED, boarding=Boarding(seats)))
    assert "… and 50 more." in text
