"""The report tells the store's numbers, fetches nothing, runs nothing, and nothing that a strategy says becomes part of it."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.domain.environment_report import EnvironmentReport
from pipeline.domain.train.decisions import Blocked, DecisionMade, RolledBack
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.render.environment_report import document, page
from pipeline.render.environment_report_text import text
from pipeline.wiring.report import report_at
from tests.monitor_ground import NOW, Ground, story
from tests.render.test_monitor import HOSTILE, parsed

Golden = Callable[[str, str], None]


class Words(HTMLParser):
    """What a person reads: the text outside of style sheets, a line for each element that begins one."""

    LINES = frozenset({"p", "h1", "h2", "h3", "tr", "li", "caption", "figcaption", "dt", "section", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[list[str]] = [[]]
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "svg") and not self._silent:
            self._silent = tag
        if tag in self.LINES:
            self.lines.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.lines[-1].append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return "\n".join(" | ".join(line) for line in self.lines if line) + "\n"


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return story(tmp_path_factory.mktemp("device"))


def made(ground: Ground, environment: str = "sandbox", days: int = 14) -> EnvironmentReport:
    return report_at(environment, ground.home, timedelta(days=days), ground.clock, ground.runtime, ground.watches)


def test_the_text_of_the_page_is_the_one_that_was_read(ground: Ground, golden: Golden) -> None:
    words = Words()
    words.feed(page(made(ground)))
    golden("render/environment_report.page.txt", words.text.replace(__version__, "VERSION"))


def test_the_terminal_says_the_same_in_short(ground: Ground, golden: Golden) -> None:
    golden("render/environment_report.txt", text(made(ground), 110) + "\n" + text(made(ground, "test"), 80))


def test_the_page_loads_nothing_and_runs_nothing(ground: Ground) -> None:
    told = page(made(ground))
    found = parsed(told)
    assert {tag for tag, _ in found.tags} & {"script", "img", "iframe", "object", "form", "base"} == set()
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on") or name == "style"]
    addresses = [value for _, attributes in found.tags for name, value in attributes.items() if name in ("href", "src")]
    assert all(address and address.startswith(("#", "data:,")) for address in addresses)
    (style,) = re.findall(r"<style>(.*?)</style>", told, flags=re.S)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [attributes["content"] or "" for tag, attributes in found.tags if "http-equiv" in attributes]
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{hashed}'" in policy


def test_every_link_of_the_page_leads_to_a_part_of_it(ground: Ground) -> None:
    told = page(made(ground, "test"))
    assert {link for link in re.findall(r'href="#([^"]+)"', told)} <= set(re.findall(r'id="([^"]+)"', told))
    assert len(re.findall(r'id="([^"]+)"', told)) == len(set(re.findall(r'id="([^"]+)"', told)))


def test_the_pictures_hold_curves_gaps_and_marks(ground: Ground) -> None:
    told = page(made(ground))
    assert told.count('<svg class="chart"') == 3
    assert len(re.findall(r'<g class="mark bad"', told)) == 3
    assert len(re.findall(r'<rect class="gap" x="[\d.]+" y="14"', told)) == 3


def test_what_a_person_or_a_strategy_wrote_is_text(tmp_path: Path) -> None:
    ground, bundle, before = Ground(tmp_path), "sha256:" + "4" * 64, NOW - timedelta(days=3)
    ground.tell(
        "test",
        Deploying("test", HOSTILE, Purpose.DEPLOY, bundle, "a", (), HOSTILE, HOSTILE),
        Deployed("test", HOSTILE, bundle, "a", HOSTILE),
        Blocked("test", HOSTILE, bundle, HOSTILE, HOSTILE),
        DecisionMade("test", HOSTILE, bundle, HOSTILE, (HOSTILE,), HOSTILE),
        RolledBack("test", HOSTILE, bundle, HOSTILE, HOSTILE, bundle),
        at=before,
    )
    ground.observe("test", HOSTILE, bundle, before, NOW)
    one = made(ground, "test")
    told = page(one)
    found = parsed(told)
    assert {tag for tag, _ in found.tags} & {"script", "img"} == set()
    assert "alert(1)" in told
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert not any(character in told + text(one, 100) for character in "\x1b\u202e")


def test_a_program_gets_numbers_and_the_outcome_first(ground: Ground) -> None:
    told = document(made(ground))
    assert next(iter(told.items())) == ("outcome", "LOOK")
    again = json.loads(json.dumps(told, allow_nan=False))
    (one,) = again["strategies"]
    assert one["earned"]["trades"] == sum(len(ran["trades"]) for ran in one["bundles"]) == 14
    assert again["decisions"][0]["decision"] == "hold"
    assert [each["kind"] for each in again["happened"]] == ["deployed", "braked"]


def test_an_environment_without_bots_has_a_page(ground: Ground) -> None:
    told = page(made(ground, "prod")) if (ground.home / "prod" / "ledger.jsonl").exists() else ""
    empty = page(EnvironmentReport("prod", NOW - timedelta(days=7), NOW, made(ground).device))
    assert "Nothing was deployed here." in (told or empty)
    assert "0 strategies: nothing was observed." in (told or empty)
