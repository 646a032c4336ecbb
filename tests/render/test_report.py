import base64
import hashlib
import json

import pytest

from pipeline.domain.metrics import METRICS
from pipeline.render.definitions import DEFINITIONS
from pipeline.render.pages import inert_json
from pipeline.render.report import html
from tests.render import samples
from tests.render.pages import Page


@pytest.fixture(scope="module")
def page() -> Page:
    judgements, pictures = samples.gate()
    return Page(html(judgements, pictures, docs_url="../docs"))


@pytest.fixture(scope="module")
def hostile() -> Page:
    judgement, pictures = samples.hostile()
    return Page(html([judgement], {"hostile": pictures}))


def test_the_page_fetches_nothing_and_names_no_address(page: Page) -> None:
    for tag, given in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "form", "base")
        assert "src" not in given
        assert "srcset" not in given
        assert not any(name.startswith("on") for name in given)
    assert all(link.startswith(("#", "../docs/")) for link in page.links)


def test_the_page_allows_only_its_own_scripts_and_no_connection(page: Page) -> None:
    running = [text for given, text in page.scripts if given.get("type") != "application/json"]
    assert len(running) == 2
    for text in running:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in page.policy
    assert page.policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src" not in page.policy
    assert "unsafe-eval" not in page.policy


def test_every_link_inside_the_page_leads_somewhere(page: Page) -> None:
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids


def test_a_rule_is_linked_to_its_documentation(page: Page) -> None:
    assert "../docs/rules.md#ft201" in page.links


def test_the_page_says_what_was_judged_and_on_what(page: Page) -> None:
    judgement = samples.passing()[0]
    source = judgement.evidence.provenance
    for said in (
        source.title, source.owner, source.class_name, source.content_digest, source.policy_digest, source.dataset_digest,
        "2024-11-03 00:00 to 2025-05-02 00:00 UTC", "freqtrade 2026.9", "no network, clean environment", "1 of 4 strategies passed",
        "simulated: proves the train, not the strategy", "shift(-1) reads the next candle", "strategy.py:42:34",
        "Not enough trades (12 of 30) over all windows.", "The strategy raised KeyError: 'rsi_14'", "needs ≤ 25.00 %",
    ):  # fmt: skip
        assert said in page.text


def test_real_candles_bear_no_note_about_simulation() -> None:
    judgement, pictures = samples.judgement("real", samples.TREND, simulated=False)
    assert "simulated:" not in Page(html([judgement], {"real": pictures})).text


def test_every_metric_has_a_definition(page: Page) -> None:
    assert DEFINITIONS.keys() == METRICS.keys()
    assert all(definition in page.text for definition in DEFINITIONS.values())


def test_every_table_has_a_caption_and_headers_with_a_scope(page: Page) -> None:
    tags = [tag for tag, _ in page.elements]
    assert tags.count("caption") == tags.count("table") > 10
    assert all("scope" in given for tag, given in page.elements if tag == "th")
    assert all(given.get("aria-label") for tag, given in page.elements if given.get("role") in ("img", "region"))


def test_hostile_text_is_text(hostile: Page) -> None:
    tags = {tag for tag, _ in hostile.elements}
    assert not tags & {"img", "iframe"}
    assert len(hostile.scripts) == 3
    assert samples.HOSTILE[2:5] not in hostile.text
    assert "</script><script>alert(1)</script>" in hostile.text
    assert not any("\x1b" in word or "\u202e" in word for word in hostile.words)


def test_hostile_text_cannot_leave_the_embedded_data(hostile: Page) -> None:
    data = next(text for given, text in hostile.scripts if given.get("type") == "application/json")
    assert not set(data) & set("<>&\x1b")
    trades = json.loads(data)["strategies"]["hostile"]["windows"][0]["pairs"]["BTC/USDT"]["trades"]
    assert "<script>alert(1)" in trades[0][6]
    assert json.loads(inert_json({"a": "</script><!--&\u2028"})) == {"a": "</script><!--&\u2028"}
    assert inert_json("</script>") == '"\\u003c/script\\u003e"'


def test_no_trace_has_more_than_twelve_hundred_points(page: Page) -> None:
    data = json.loads(next(text for given, text in page.scripts if given.get("type") == "application/json"))
    series = [*data["prices"].values()]
    for strategy in data["strategies"].values():
        for window in strategy["windows"]:
            series += [*window["curves"].values(), *window["drawdowns"].values()]
    assert len(data["prices"]) == 12
    assert all(len(line["t"]) == len(line["y"]) <= 1_200 for line in series)


def test_a_gate_without_strategies_is_a_page_too() -> None:
    assert "Nothing was to be judged." in Page(html([], {})).text


def test_the_same_judgements_make_the_same_page() -> None:
    first, second = (
        html([judgement], {"sma_trend": pictures}) for judgement, pictures in (samples.passing(), samples.passing())
    )
    assert first == second
