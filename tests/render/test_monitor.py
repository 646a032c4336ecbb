"""The page tells the store's numbers, asks nothing of the network, and nothing that a strategy says becomes part of it."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.domain.monitor.curve import Span
from pipeline.domain.train.decisions import Blocked, DecisionMade, EntriesStopped
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.render.monitor import content_security_policy
from tests.monitor_ground import NOW, Ground, story

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)> \u202eevil\x1b[31m"


class Ids(HTMLParser):
    """What stands in each element that has an id, and every tag and attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = dict(attrs).get("id") or ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open] = self.texts.get(self._open, "") + data.strip()

    def handle_endtag(self, tag: str) -> None:
        self._open = ""


def parsed(page: str) -> Ids:
    found = Ids()
    found.feed(page)
    return found


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return story(tmp_path)


def test_the_numbers_on_the_page_are_those_of_the_last_look(tmp_path: Path) -> None:
    ground = Ground(tmp_path)
    bundle, evidence = ground.stored()
    ground.deploy("test", "sma_trend", bundle, NOW.replace(day=1, month=2), evidence)
    last = ground.observe("test", "sma_trend", bundle, NOW.replace(day=1, month=2), NOW)
    assert last.balance is not None
    assert last.equity is not None
    texts = parsed(ground.pages.page(Span.MONTH)).texts
    assert texts["test-sma_trend-balance"] == f"{last.balance:,.2f}"
    assert texts["test-sma_trend-equity"] == f"{last.equity:,.2f}"
    assert texts["test-sma_trend-earned"] == f"+{last.balance - 1000:,.2f}"
    assert texts["test-sma_trend-wins"] == f"{(last.wins or 0) / (last.closed_trades or 1) * 100:.1f} %"
    assert texts["test-sma_trend-open"] == str(last.open_trades)


def test_the_page_loads_nothing_and_runs_nothing(ground: Ground) -> None:
    page = ground.pages.page(Span.MONTH)
    found = parsed(page)
    assert {tag for tag, _ in found.tags} & {"script", "img", "iframe", "object", "form", "base"} == set()
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on") or name == "style"]
    addresses = [value for _, attributes in found.tags for name, value in attributes.items() if name in ("href", "src")]
    assert all(address and address.startswith(("/", "#", "data:,")) for address in addresses)


def test_the_style_sheet_is_the_one_that_the_policy_allows(ground: Ground) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", ground.pages.page(Span.DAY), flags=re.S)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in content_security_policy()
    assert "script-src" not in content_security_policy()
    assert content_security_policy().startswith("default-src 'none'")


def test_what_a_person_or_a_strategy_wrote_is_text_on_the_page_and_in_the_pictures(tmp_path: Path) -> None:
    ground, bundle = Ground(tmp_path), "sha256:" + "4" * 64
    before = NOW.replace(day=1, month=2)
    ground.tell(
        "test",
        Deploying("test", HOSTILE, Purpose.DEPLOY, bundle, "a", (), HOSTILE, HOSTILE),
        Deployed("test", HOSTILE, bundle, "a", HOSTILE),
        EntriesStopped("test", HOSTILE, HOSTILE, HOSTILE),
        Blocked("test", HOSTILE, bundle, HOSTILE, HOSTILE),
        DecisionMade("test", HOSTILE, bundle, HOSTILE, (HOSTILE,), HOSTILE),
        at=before,
    )
    ground.observe("test", HOSTILE, bundle, before, NOW)
    page = ground.pages.page(Span.MONTH)
    found = parsed(page)
    assert {tag for tag, _ in found.tags} & {"script", "img"} == set()
    assert "alert(1)" in page
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert not any(character in page for character in "\x1b\u202e")
    assert "<svg" in page


def test_expectations_marks_and_gaps_are_in_the_pictures(ground: Ground) -> None:
    page = ground.pages.page(Span.MONTH)
    sandbox = page[page.index('id="sandbox-sma_trend"') :]
    money = sandbox[: sandbox.index("</figure>")]
    assert len(re.findall(r'<g class="mark good"', money)) == 2
    assert len(re.findall(r'<g class="mark bad"', money)) == 1
    assert len(re.findall(r'<rect class="gap" x="[\d.]+" y="14"', money)) == 1
    assert len(re.findall(r'<path class="equity" d="M[^"]{20,}"', money)) == 3
    assert len(re.findall(r'<path class="expected" d="M[^"]{20,}"', money)) == 3


def test_decisions_holds_and_evidence_can_be_read(ground: Ground) -> None:
    page = ground.pages.page(Span.MONTH)
    bundle, evidence = ground.stored("range_dip")
    assert "not enough trades (12 of 30)" in page
    assert "12 of about 123 trades; safe to look at daily" in page
    assert "brake since 2026-03-01 09:00 UTC: daily_loss_max_ratio" in page
    assert f'href="/evidence/{bundle[7:]}/{evidence[7:]}.json"' in page


def test_the_time_that_was_chosen_is_marked(ground: Ground) -> None:
    page = ground.pages.page(Span.WEEK)
    assert re.findall(r'<a href="/\?span=(\w+)" aria-current="page">', page) == ["week"]


def test_an_empty_device_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = Ground(tmp_path / "home").pages.page(Span.MONTH)
    assert "Nothing runs on this device." in page
    assert "Nothing was ever deployed on this device." in page
