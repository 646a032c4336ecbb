import re

import pytest

from pipeline.render.markdown import BREAK, code, folded, table, words
from tests.render import samples


@pytest.mark.parametrize(
    "text", ["@team", "see #12", "GH-7", "http://x.org", "www.x.org", "mailto:a@b.c", "owner/name#3"]
)
def test_what_github_would_link_or_notify_is_broken_up(text: str) -> None:
    assert BREAK in words(text)
    assert words(text).replace(BREAK, "") == text
    assert "://" not in words(text)


@pytest.mark.parametrize("character", list("\\`*_[]|~$"))
def test_formatting_characters_are_escaped(character: str) -> None:
    assert words(f"a{character}b") == f"a\\{character}b"


def test_html_is_text() -> None:
    assert words("<img src=x> & <!-- --> &lt;") == "&lt;img src=x&gt; &amp; &lt;!-- --&gt; &amp;lt;"


def test_an_ordinary_sentence_stays_readable() -> None:
    sentence = "Profit is -3.10 % in window 'early'; it must be at least 1.10."
    assert words(sentence) == sentence


def test_a_name_cannot_leave_its_code_span() -> None:
    assert code("a`b``c") == "``` a`b``c ```"
    assert code("a|b\nc") == "`a¦b c`"
    assert code("") == "`–`"


def test_hostile_text_breaks_no_table_and_no_line() -> None:
    text = table(["a", "b"], [[words(samples.HOSTILE), code(samples.HOSTILE)]], right_from=1)
    lines = text.splitlines()
    assert len(lines) == 3
    assert len(re.findall(r"(?<!\\)\|", lines[2])) == 3


def test_something_folded_has_empty_lines_around_it_so_that_github_formats_it() -> None:
    assert folded("More", "- a\n") == "<details><summary>More</summary>\n\n- a\n\n</details>\n"
