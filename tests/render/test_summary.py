import re
from collections.abc import Callable
from dataclasses import replace

import markdown_it
import pytest

from pipeline.domain.verdict import Finding, Outcome, Verdict
from pipeline.render.summary import LIMIT, MARKER, markdown
from tests.render import samples


def test_a_whole_gate_as_the_comment_says_it(golden: Callable[[str, str], None]) -> None:
    judgements, pictures = samples.gate()
    golden("render/summary.md", markdown(judgements, pictures, report_url="https://example.org/run/7"))


def test_the_comment_begins_with_its_marker_and_the_outcome() -> None:
    lines = markdown([samples.passing()[0]]).splitlines()
    assert lines[0] == MARKER == "<!-- freqtrain:gate -->"
    assert lines[1] == "## ✅ PASS: 1 of 1 strategy passed"


def test_candidate_incumbent_and_market_stand_side_by_side() -> None:
    lines = [line for line in markdown([samples.passing()[0]]).splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[2] for line in lines[2:5]] == ["candidate", "incumbent", "market"]


def test_the_chart_is_a_mermaid_chart_of_forty_points_without_any_text_of_the_strategy() -> None:
    judgement, pictures = samples.hostile()
    charts = re.findall(r"```mermaid\n(.*?)\n```", markdown([judgement], {"hostile": pictures}), re.S)
    assert len(charts) == 1
    lines = re.findall(r"line \[(.*)\]", charts[0])
    assert [len(line.split(", ")) for line in lines] == [40, 40]
    assert "evil" not in charts[0]
    assert "xychart-beta" in charts[0]


def test_hostile_text_adds_no_element_to_the_comment() -> None:
    judgement, pictures = samples.hostile()
    text = markdown([judgement], {"hostile": pictures})
    rendered = markdown_it.MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    tags = {tag.lower() for tag in re.findall(r"<\s*([a-zA-Z0-9]+)", rendered)}
    known = {
        "h2",
        "h3",
        "blockquote",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
        "pre",
        "ul",
        "li",
        "details",
        "summary",
        "sub",
        "br",
    }
    assert tags <= known
    assert rendered.count("<!--") == 1
    prose = re.sub(r"<code[^>]*>.*?</code>", "", rendered, flags=re.S)
    assert not re.search(r"@team|#12|://", prose)
    assert "&lt;script&gt;" in rendered


def test_the_comment_links_the_report_when_there_is_an_address() -> None:
    assert "[Open the report](<https://example.org/a%3E>)" in markdown([], report_url="https://example.org/a>")


@pytest.mark.parametrize("count", [12, 60, 400])
def test_a_large_gate_still_fits_and_keeps_the_table(count: int) -> None:
    judgement, pictures = samples.failing()
    long = tuple(Finding("lint", "FT1", Outcome.FAIL, "y" * 500) for _ in range(20))
    judgement = replace(judgement, verdict=Verdict(long))
    text = markdown([judgement] * count, {"dip_buyer": pictures})
    assert len(text.encode()) <= LIMIT
    assert text.startswith(MARKER)
    assert f"0 of {count} strategies passed" in text
    assert "| `dip_buyer` | ❌ FAIL | candidate |" in text


def test_no_strategy_is_said_plainly() -> None:
    assert markdown([]).splitlines()[1] == "## ✅ PASS: no strategy was to be judged"
