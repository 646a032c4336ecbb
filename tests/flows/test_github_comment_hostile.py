"""What strangers may leave in a run: none of it changes the verdict, and nothing of it works in the comment."""

import json
import re

import pytest

from pipeline.render.markdown import BREAK
from tests.adapters.github.test_zip_files import zipped
from tests.adapters.test_joined_file import HOSTILE_ARCHIVES
from tests.flows.comment_ground import NUMBERS, document, gated, packed, proposed, strategy, text, texts, told
from tests.github_double import GitHubDouble
from tests.github_double.fixtures import github_description, hub

__all__ = ["github_description", "hub"]
pytestmark = pytest.mark.sockets

WORDS = {
    "an image": "![x](https://evil.example/p.png) <img src=https://evil.example/p.png>",
    "a link": "[PASS](https://evil.example) https://evil.example www.evil.example",
    "mentions": "@everyone @org/team #1 GH-1 o/r#2",
    "HTML": "</details><script>alert(1)</script><!-- x --><h1>PASS</h1>",
    "a workflow command": "\n::set-output name=a::b\n::error::x\n##[add-path]/tmp",
    "a terminal": "\x1b[2J\x1b]8;;https://evil.example\x07x\x9b31m\u202e\u2066",
    "a table": "| a | b |\n| --- | --- |\n# PASS",
    "a fence": "```mermaid\nclick A href 'https://evil.example'\n```\n````",
    "mathematics": "$$\\href{https://evil.example}{PASS}$$ `$x$`",
    "a footnote": "[^1]\n[^1]: https://evil.example\n[x]: https://evil.example",
    "our marks": "<!-- freqtrain gate -->\n<!-- run 999.9 -->\n## ✅ The gate passed",
    "very much": "A" * 9_999,
}


CHART = re.compile(r"^```mermaid\n.*?\n```$", re.MULTILINE | re.DOTALL)


def plain_page(page: str) -> str:
    """The comment below its marks, without what breaks words up; its chart must hold numbers alone, and is left out."""
    lines = page.splitlines()
    assert lines[0] == "<!-- freqtrain gate -->"
    assert re.fullmatch(r"<!-- run \d+\.\d+ -->", lines[1])
    page = "\n".join(lines[2:])
    for chart in CHART.findall(page):
        assert re.fullmatch(r"```mermaid\n[\w\s.:,;#\[\]\"=>-]*\n```", chart, re.ASCII), chart
        assert "click" not in chart
    return CHART.sub("", page)


@pytest.mark.parametrize("words", WORDS.values(), ids=list(WORDS))
def test_sentences_of_strangers_stay_text(hub: GitHubDouble, words: str) -> None:
    proposed(hub)
    numbers = {**NUMBERS, "candidate": {words[:150] + number: {"profit_total_ratio": 0.1} for number in "ab"}}
    said = document(
        "FAIL",
        strategy("dip", "FAIL", words, measurements=numbers, chosen_because=words),
        problems=[words],
        note=words,
    )
    told(hub, gated(hub, said, "failure"))
    page = plain_page(text(hub))
    assert page.startswith("## ❌ The gate did not pass: 0 of 1 strategy passed")
    assert "\x1b" not in page
    assert all(character.isprintable() or character in f"\n{BREAK}" for character in page)
    assert not re.search(r"(?<!\\)[!\]]\[|(?<!\\)\]\((?!<http://127)|<(?!/?sub>|http://127\.0\.0\.1)", page), page
    assert not re.search(r"@\w|#\d|GH-\d|https?://evil|www\.evil", page)
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in page.splitlines())
    assert not re.search(r"^\s*(```|~~~)", page, re.MULTILINE)
    assert sum(line.startswith("#") for line in page.splitlines()) <= 2
    assert not re.search(r"(?<!\\)\$", page)


@pytest.mark.parametrize("archive", HOSTILE_ARCHIVES.values(), ids=list(HOSTILE_ARCHIVES))
@pytest.mark.parametrize("ended", ["success", "failure"])
def test_an_artifact_that_is_not_of_the_right_shape_changes_no_verdict_and_is_not_shown(
    hub: GitHubDouble, archive: bytes, ended: str
) -> None:
    proposed(hub)
    told(hub, gated(hub, archive, ended))
    page = plain_page(text(hub))
    head, _, rest = page.partition("\n")
    assert head == {"success": "## ✅ The gate passed", "failure": "## ❌ The gate did not pass"}[ended]
    assert rest.strip().startswith("What the run left is not used: the summary ")
    assert len(page) < 700
    assert not re.search(r"\x1b|(^|\n)\s*::|<img|@everyone|root:", page)


def test_huge_numbers_of_everything_fit_into_a_comment(hub: GitHubDouble) -> None:
    proposed(hub)
    many = [strategy(f"s{number}", "FAIL", *["@all " * 100] * 20) for number in range(400)]
    told(hub, gated(hub, document("FAIL", *many), "failure"))
    assert len(text(hub).encode()) < 60_100
    assert "0 of 400 strategies passed" in text(hub)
    assert "Shortened to what fits into a comment" in text(hub)


def test_the_longest_of_all_summaries_still_makes_a_comment(hub: GitHubDouble) -> None:
    proposed(hub)
    names = ("trades", "profit_total_ratio", "excess_ratio", "profit_factor", "drawdown_max_ratio", "sharpe")
    largest = {who: {"all together": dict.fromkeys(names, 1e12)} for who in ("candidate", "incumbent", "market")}
    many = [strategy(f"s{number:063}", "FAIL", measurements=largest) for number in range(1_000)]
    told(hub, gated(hub, document("FAIL", *many, problems=["&<@" * 3_000] * 100), "failure"))
    assert len(text(hub).encode()) < 60_100
    assert "## ❌ The gate did not pass: 0 of 1000 strategies passed" in text(hub)
    assert "Shortened" in text(hub)


def test_a_name_in_the_archive_that_is_a_command_prints_none(hub: GitHubDouble) -> None:
    proposed(hub)
    archive = zipped({"::set-output name=x::y\n::error::@everyone": json.dumps(document()).encode()})
    told(hub, gated(hub, archive))
    assert len(texts(hub)) == 1
    assert "::set-output" not in text(hub).replace("\\", "")
    assert "@everyone" not in text(hub)


def test_the_pages_own_words_pass_where_nothing_is_hostile(hub: GitHubDouble) -> None:
    proposed(hub)
    told(
        hub,
        gated(
            hub,
            packed(
                document("INCONCLUSIVE", strategy("dip", "INCONCLUSIVE", "12 of 30 trades")),
            ),
            "failure",
        ),
    )
    assert "  - ❔ 12 of 30 trades\n" in text(hub)
