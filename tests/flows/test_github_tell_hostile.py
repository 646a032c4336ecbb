"""What a device, or whoever speaks through it, may leave: none of it works under a commit, in release notes or in an issue."""

import re
from pathlib import Path

import pytest

from pipeline.domain.promotion_account import Ended
from pipeline.render.github_promotion import LIMIT
from pipeline.render.markdown import BREAK
from tests.adapters.test_promotion_file import HOSTILE
from tests.flows.tell_ground import Json, attempt, deploy, document, issues, notes, seat, told, under_commit
from tests.flows.test_github_comment_hostile import WORDS
from tests.github_double import GitHubDouble
from tests.github_double.fixtures import github_description, hub

__all__ = ["github_description", "hub"]
pytestmark = pytest.mark.sockets

MARKS = "<!-- freqtrain boarding/sandbox/end -->\n<!-- sandbox of run 999.9 -->\n<!-- freqtrain boarding/prod -->"


def inert(page: str) -> None:
    """Nothing in it formats, links, mentions or commands but our own words."""
    lines = [line for line in page.splitlines() if not re.fullmatch(r"<!-- (?:[a-z0-9/. ]|-(?!-))+ -->", line)]
    page = re.sub(r"`[^`\n]+`", "CODE", "\n".join(lines))
    page = page.replace("[the run](<https://github.com/o/r/actions/runs/700>)", "LINK")
    assert all(character.isprintable() or character in f"\n{BREAK}" for character in page)
    assert not re.search(r"(?<!\\)[!\]]\[|(?<!\\)\]\(|<(?!/?sub>)", page), page
    assert not re.search(r"@\w|#\d|GH-\d|https?://|www\.evil", page)
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in lines)
    assert not re.search(r"^\s*(```|~~~)", page, re.MULTILINE)
    assert sum(line.startswith("#") for line in lines) <= 1
    assert not re.search(r"(?<!\\)[$`]", page)
    assert "<!--" not in page


@pytest.mark.parametrize("words", [*WORDS.values(), MARKS], ids=[*WORDS, "marks of release notes"])
def test_sentences_of_a_device_stay_text_everywhere(hub: GitHubDouble, tmp_path: Path, words: str) -> None:
    finding = {"rule": words, "outcome": "FAIL", "reason": words}
    seats = [seat(reason=words, findings=[finding]), seat("wave", "stays", words, findings=[finding] * 7)]
    back = attempt("dip", "UNDONE", words, words)
    said = document("UNDONE", *seats, attempts=[back], commit=words[:500], approved_by=words[:500], hint=words)
    assert told(hub, said, tmp_path, deploy(Ended.FAILURE)).failed == ()
    inert(notes(hub))
    ((_, sentence),) = under_commit(hub)
    assert sentence == "1 boards, 1 stays; 1 undone"
    (issue,) = issues(hub)
    inert(issue["body"])
    assert issue["title"] == "dip: its deployment to sandbox was taken back"
    assert notes(hub).count("<!-- freqtrain ") == 2
    assert "999.9 -->" not in notes(hub)


@pytest.mark.parametrize("words", WORDS.values(), ids=list(WORDS))
def test_why_nothing_was_decided_is_one_line_of_plain_text_under_the_commit(
    hub: GitHubDouble, tmp_path: Path, words: str
) -> None:
    said = document("REFUSED", told=words, hint=words, strategies=[], attempts=[])
    told(hub, said, tmp_path, deploy(Ended.FAILURE))
    ((state, sentence),) = under_commit(hub)
    assert state == "failure"
    assert sentence.isprintable()
    assert len(sentence) <= 140
    inert(notes(hub))


@pytest.mark.parametrize("said", HOSTILE.values(), ids=list(HOSTILE))
def test_a_file_that_is_not_of_the_right_shape_changes_no_word_of_githubs(
    hub: GitHubDouble, tmp_path: Path, said: Json
) -> None:
    assert told(hub, said, tmp_path).failed == ()
    ((state, sentence),) = under_commit(hub)
    assert state == "success"
    assert sentence.startswith("it is done; what the device left ")
    assert issues(hub) == []
    inert(notes(hub))


def test_very_much_is_shortened_to_what_fits_and_says_so(hub: GitHubDouble, tmp_path: Path) -> None:
    finding = {"outcome": "FAIL", "reason": "& " * 300}
    seats = [seat(f"s{number}", "stays", "word " * 100, findings=[finding] * 9) for number in range(300)]
    told(hub, document("DONE", *seats), tmp_path)
    text = notes(hub)
    assert "300 stay" in text
    assert "Shortened to what fits" in text
    assert len(text.encode()) < LIMIT + 500


def test_very_many_that_were_undone_open_a_bounded_number_of_issues(hub: GitHubDouble, tmp_path: Path) -> None:
    seats = [seat(f"s{number}") for number in range(30)]
    attempts = [attempt(one["strategy"], "UNDONE", "no") for one in seats]
    said = told(hub, document("UNDONE", *seats, attempts=attempts), tmp_path, deploy(Ended.FAILURE))
    assert len(issues(hub)) == 20
    assert "10 more were taken back; the release notes and the log have them" in said.lines
