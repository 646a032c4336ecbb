"""What a person, a browser and a program read about a rehearsal."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from pipeline.domain.rehearsal import Chapter, Ran, Rehearsal, Sample
from pipeline.render.evidence_json import to_text
from pipeline.render.rehearsal import document, page, text
from pipeline.render.rehearsal_charts import ROWS, chart_data
from pipeline.render.rehearsal_view import view
from tests import rehearsals
from tests.render.pages import Page

Golden = Callable[[str, str], None]


@pytest.fixture(scope="module")
def passed() -> Page:
    return Page(page(rehearsals.passed()))


@pytest.fixture(scope="module")
def failed() -> Page:
    return Page(page(rehearsals.failed()))


@pytest.fixture(scope="module")
def hostile() -> Page:
    return Page(page(rehearsals.hostile()))


@pytest.mark.parametrize(
    ("name", "rehearsal", "width"),
    [
        ("rehearsal", rehearsals.passed(), 100),
        ("rehearsal_narrow", rehearsals.failed(), 50),
        ("rehearsal_failed", rehearsals.failed(), 100),
        ("rehearsal_broken_off", rehearsals.broken_off(), 100),
    ],
)
def test_the_end_of_the_story_as_it_is_printed(golden: Golden, name: str, rehearsal: Rehearsal, width: int) -> None:
    told = text(rehearsal, width)
    assert max(len(line) for line in told.splitlines()) <= width
    golden(f"render/{name}.txt", told)


def test_the_last_line_sums_it_up() -> None:
    assert text(rehearsals.passed(), 100).splitlines()[-1] == "All 11 claims held in 5 chapters (163 s)."
    assert text(rehearsals.failed(), 100).splitlines()[-1] == "7 of 8 claims held in 3 of 5 chapters (108 s)."


def test_a_story_without_a_single_chapter_did_not_hold() -> None:
    nothing = Rehearsal(rehearsals.BEGAN, 0.2, (), 8)
    assert document(nothing)["outcome"] == "ERROR"
    assert (
        text(nothing, 80)
        == "8 chapters were not told.\n\n0 claims held, but the story is not whole: 0 of 8 chapters (0.2 s).\n"
    )
    assert "8 chapters were not told." in Page(page(nothing)).text


def test_a_chapter_that_claims_nothing_did_not_hold() -> None:
    silent = replace(
        rehearsals.passed(), chapters=(*rehearsals.STORY[:4], Chapter("The books", "", rehearsals.at(142), 3.0))
    )
    assert document(silent)["outcome"] == "ERROR"
    assert "! 5. The books: it claims nothing" in text(silent, 80)


def test_nothing_in_a_text_can_act_on_the_terminal_or_command_a_workflow() -> None:
    told = text(rehearsals.hostile(), 60)
    assert all(character.isprintable() or character == "\n" for character in told)
    assert "##[" not in told
    assert not any(line.strip().startswith("::") for line in told.splitlines())


@pytest.mark.parametrize(
    ("rehearsal", "outcome"),
    [
        (rehearsals.passed(), "PASS"),
        (rehearsals.failed(), "FAIL"),
        (rehearsals.broken_off(), "ERROR"),
        (rehearsals.hostile(), "FAIL"),
    ],
)
def test_a_program_reads_the_outcome_first(rehearsal: Rehearsal, outcome: str) -> None:
    printed = to_text(document(rehearsal))
    assert next(iter(json.loads(printed))) == "outcome"
    assert json.loads(printed)["outcome"] == outcome
    assert "##[" not in printed
    assert printed.isascii()
    assert not any(line.strip().startswith("::") for line in printed.splitlines())


def test_a_program_reads_everything_that_the_rehearsal_holds() -> None:
    made = json.loads(to_text(document(rehearsals.failed())))
    assert (made["claims_held"], made["claims"], made["expected"], len(made["chapters"])) == (7, 8, 5, 3)
    assert [chapter["outcome"] for chapter in made["chapters"]] == ["PASS", "PASS", "FAIL"]
    assert made["chapters"][2]["claims"][-1] == {
        "sentence": "the old bundle runs again, proved and released",
        "held": False,
        "shown_by": "status --json: the old bundle, up, enters",
    }
    assert made["chapters"][2]["commands"] == [
        {"line": f"freqtrain deploy test {rehearsals.SICK}", "exit_code": 6, "seconds": 33.2}
    ]
    assert made["events"][0]["at"] == "2026-03-02T09:30:28.200Z"
    assert made["samples"][0] == {"at": "2026-03-02T09:30:00Z", "account": "sandbox", "worth": "200"}
    assert made["ran"][0]["until_at"] is None
    assert made["orders"] == {"sandbox": 0, "prod": 0}
    decided = json.loads(to_text(document(rehearsals.passed())))["decisions"]
    assert [one["decision"] for one in decided] == ["ROLL_BACK", "HOLD", "PROMOTE"]


def test_the_page_says_how_it_ended_and_what_it_does_not_prove(passed: Page) -> None:
    for said in (
        "All 11 claims held in 5 chapters (163 s).", "The exchange and the market are simulated: this proves the train, and not the strategies.",
        "9 commands, begun 2026-03-02 09:30:00 UTC", "A bundle that loses", "both strategies pass the gate", "gate --json, exit code 0",
        "freqtrain cut tide reef --dataset data", "6 undone", "33 s", "prove failed: it went down: MemoryError", "09:31:44", "104.4 s", "rolled back",
        "198.62", "-1.38 (-0.69 %)", "1,001.07", "orders accepted 12", "the end",
    ):  # fmt: skip
        assert said in passed.text
    assert "What did not hold" not in passed.text


def test_the_page_shows_what_the_numbers_decided_and_why(passed: Page, failed: Page) -> None:
    for said in (
        "What the numbers decided",
        "ROLL BACK Mean profit per trade: -33.2 %, and 0 % at least is asked. 6dc567a32ad1 runs again; 81e399cf4d5c is blocked.",
        "HOLD 0 of 2 closed trades. 0 of about 41 trades that show the promised +0.50 % per trade.",
        "PROMOTE 4 of 2 closed trades. 0.01 of 0.003 hours.",
    ):
        assert said in passed.text, passed.text
    assert "What the numbers decided" not in failed.text, "it ended before"


def test_the_page_leads_to_what_did_not_hold(failed: Page) -> None:
    assert "7 of 8 claims held in 3 of 5 chapters (108 s)." in failed.text
    assert "3. A sick bundle : the old bundle runs again, proved and released" in failed.text
    assert "checked against: status --json: the old bundle, up, enters" in failed.text
    assert "2 chapters were not told." in failed.text
    assert "#chapter-3" in failed.links
    assert "It broke off" not in failed.text


def test_the_page_says_where_the_story_broke_off() -> None:
    seen = Page(page(rehearsals.broken_off())).text
    assert "4 claims held, but the story is not whole: 2 of 5 chapters (66 s)." in seen
    assert "It broke off: git rev-parse HEAD ended with 128: not a git repository" in seen


def test_the_page_fetches_nothing_and_every_link_stays_inside(passed: Page) -> None:
    for tag, given in passed.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "form", "base")
        assert not {"src", "srcset"} & given.keys()
        assert not any(name.startswith("on") for name in given)
    assert {link for link in passed.links if not link.startswith("#")} == set()
    assert {link[1:] for link in passed.links} <= passed.ids
    assert passed.policy.startswith("default-src 'none'; script-src 'sha256-")


def test_every_table_has_a_caption_and_headers_with_a_scope(passed: Page) -> None:
    tags = [tag for tag, _ in passed.elements]
    assert tags.count("caption") == tags.count("table") > 5
    assert all("scope" in given for tag, given in passed.elements if tag == "th")
    assert all(given.get("aria-label") for _, given in passed.elements if given.get("role") in ("img", "region"))


def test_a_bundle_bears_its_colour_wherever_it_is_named(passed: Page) -> None:
    classes = [str(given.get("class")) for _, given in passed.elements]
    assert {name for name in classes if name.startswith("bundle")} == {
        "bundle b0",
        "bundle b1",
        "bundle b2",
        "bundle b3",
    }
    assert rehearsals.SICK in passed.words


def test_hostile_text_is_text(hostile: Page) -> None:
    assert not {tag for tag, _ in hostile.elements} & {"img", "iframe"}
    assert len(hostile.scripts) == 3
    assert "</script><script>alert(1)</script>" in hostile.text
    assert not any("\x1b" in word or "\u202e" in word for word in hostile.words)
    data = next(told for given, told in hostile.scripts if given.get("type") == "application/json")
    assert not set(data) & set("<>&\x1b")


def test_a_lane_a_strategy_in_the_order_in_which_the_story_came_to_them() -> None:
    drawn = _drawn(rehearsals.passed())
    assert drawn["lanes"] == [["test", "reef"], ["test", "tide"], ["sandbox", "tide"], ["prod", "tide"]]
    assert drawn["bundles"] == ["reef 41b14db0e0ec", "tide 6dc567a32ad1", "reef 5d251ce2ed7c", "tide 81e399cf4d5c"]


def test_a_long_name_leaves_the_chart_its_width() -> None:
    assert all(len(name) <= 24 for lane in _drawn(rehearsals.hostile())["lanes"] for name in lane)


def test_a_bar_a_bundle_and_a_hatched_one_where_it_was_taken_back() -> None:
    bars = _drawn(rehearsals.passed())["bars"]
    sandbox = [(bar["bundle"], bar["from"], bar["to"]) for bar in bars if bar["lane"] == 2]
    assert sandbox == [(1, 113.0, 128.8), (3, 128.8, 140.9), (1, 140.9, 163.2)]
    assert [bar for bar in bars if bar["tried"]] == [{"lane": 0, "bundle": 2, "from": 71.0, "to": 104.4, "tried": True}]


def test_marks_stand_on_the_lane_they_belong_to_and_not_on_one_another() -> None:
    marks = _drawn(rehearsals.passed())["marks"]
    assert [mark["lane"] for mark in marks if mark["kind"] == "approved"] == [3]
    assert {mark["kind"] for mark in marks} == {
        "approved", "promoted", "soaked", "undone", "braked", "blocked", "rolled_back", "doubted",
    }  # fmt: skip
    braked, blocked = (next(mark for mark in marks if mark["kind"] == kind) for kind in ("braked", "blocked"))
    assert braked["lane"] == blocked["lane"]
    assert braked["row"] != blocked["row"]
    assert {mark["row"] for mark in marks} <= set(range(ROWS))


def test_accounts_are_drawn_as_their_change_since_the_start() -> None:
    sandbox, prod = _drawn(rehearsals.passed())["accounts"]
    assert (sandbox["name"], sandbox["change"][0], sandbox["worth"][0]) == ("sandbox", 0.0, "200.00")
    assert (prod["change"][-1], prod["worth"][-1]) == (1.07, "1,001.07")
    assert len(sandbox["t"]) == len(sandbox["change"]) == len(sandbox["worth"]) == 55


def test_an_account_that_began_with_nothing_has_no_percentage() -> None:
    found = (Sample(rehearsals.at(0), "empty", Decimal(0)), Sample(rehearsals.at(9), "empty", Decimal(5)))
    seen = Page(page(replace(rehearsals.passed(), samples=found, orders={}))).text
    assert "change +5.00 start 0.00" in seen


def test_a_bundle_that_ran_before_the_ledger_told_of_it_still_has_a_lane() -> None:
    alone = Rehearsal(rehearsals.BEGAN, 9.0, (), 1, ran=(Ran("test", "reef", rehearsals.REEF, rehearsals.at(1), None),))
    assert _drawn(alone)["bars"] == [{"lane": 0, "bundle": 0, "from": 1.0, "to": 9.0, "tried": False}]


def test_events_are_told_in_order_of_time_whichever_ledger_they_come_from() -> None:
    whole = rehearsals.passed()
    turned = replace(whole, events=whole.events[::-1])
    assert view(turned) == view(whole)
    assert _drawn(turned) == _drawn(whole)


def test_a_deployment_that_worked_out_in_the_end_is_not_drawn_as_tried() -> None:
    whole = rehearsals.passed()
    late = [event for event in whole.events if event.kind == "undone"]
    other = replace(late[0], at=late[0].at + timedelta(seconds=1), bundles=(rehearsals.REEF,))
    events = (*(event for event in whole.events if event.kind != "undone"), other)
    assert not [bar for bar in _drawn(replace(whole, events=events))["bars"] if bar["tried"]]


def _drawn(rehearsal: Rehearsal) -> dict:
    return json.loads(json.dumps(chart_data(rehearsal), allow_nan=False))
