"""Bundles as people and programs see them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.domain.bundle_manifest import Cut, Cuts, StoredBundle, Verified
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.verdict import Outcome
from pipeline.render.bundle_lists import (
    cut_document,
    cut_text,
    list_document,
    list_text,
    verify_document,
    verify_text,
)
from pipeline.render.bundles import show_document, show_text
from pipeline.render.evidence_json import to_text
from pipeline.render.trading_facts import fact_rows
from tests.bundle_samples import FACTS, bundle, manifest
from tests.render.samples import HOSTILE

Golden = Callable[[str, str], None]
EVIDENCE = "sha256:" + "e" * 64
FIRST = manifest(simulated=True, dataset="simulated-1", evidence=EVIDENCE)
SECOND = manifest(evidence=EVIDENCE, cut_at=FIRST.cut_at + timedelta(days=3), commit="f" * 40)
STORED = StoredBundle(bundle(), bundle().digest, (FIRST, SECOND))
PLAYED = bundle("alpha")
REHEARSED = StoredBundle(
    PLAYED, PLAYED.digest, (manifest(PLAYED, simulated=True, uncommitted=True, dataset="simulated-1"),)
)
DAMAGED = Verified("sha256:" + "d" * 64, None, ("store/sha256/dddd/bundle.tar: is damaged",))
FOUND = (Verified(REHEARSED.digest, REHEARSED, ()), Verified(STORED.digest, STORED, ()), DAMAGED)
CUTS = Cuts(
    (Cut(bundle(), SECOND, True), Cut(PLAYED, REHEARSED.newest, False)),
    (("loser", Outcome.FAIL), ("rare", Outcome.INCONCLUSIVE)),
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("show", show_text(STORED)),
        ("list", list_text(FOUND)),
        ("verify", verify_text(FOUND)),
        ("cut", cut_text(CUTS)),
    ],
)
def test_what_a_person_sees(golden: Golden, name: str, text: str) -> None:
    golden(f"render/bundle_{name}.txt", text)


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        (show_document(STORED), "DONE"),
        (list_document(FOUND), "REFUSED"),
        (list_document(FOUND[:2]), "DONE"),
        (verify_document(FOUND), "REFUSED"),
        (cut_document(CUTS), "DONE"),
    ],
)
def test_the_first_key_for_a_program_is_the_outcome(document: dict[str, object], outcome: str) -> None:
    read = json.loads(to_text(document))  # type: ignore[arg-type]
    assert next(iter(read.items())) == ("outcome", outcome)


def test_a_program_learns_which_manifest_real_money_may_follow() -> None:
    assert show_document(STORED)["for_live"] == SECOND.digest
    assert show_document(REHEARSED)["for_live"] is None


def test_an_empty_store_is_said_to_be_one() -> None:
    assert list_text(()) == verify_text(()) == "There are no bundles here.\n"
    assert cut_text(Cuts((), ())) == "Nothing was to be cut.\n"


def test_nothing_that_a_strategy_chose_acts_on_a_terminal_or_a_workflow() -> None:
    facts = replace(FACTS, timeframe=HOSTILE, order_types={"entry": HOSTILE}, callbacks=(HOSTILE,))
    evil = manifest(title=HOSTILE, owner=HOSTILE, dataset=HOSTILE, environment=HOSTILE, isolation=HOSTILE, facts=facts)
    stored = StoredBundle(bundle(), bundle().digest, (evil,))
    for text in (
        show_text(stored),
        list_text((Verified(stored.digest, stored, ()),)),
        cut_text(Cuts((Cut(bundle(), evil, True),), ())),
    ):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "##[" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "\x1b" not in to_text(show_document(stored))


def rows(**changes: object) -> dict[str, str]:
    plain = TradingFacts("1h", -0.1, {}, 20)
    return dict(fact_rows(replace(plain, **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "row", "said"),
    [
        ({}, "stop loss", "-10.00 % from the entry price"),
        ({"use_custom_stoploss": True}, "stop loss", "-10.00 % from the entry price, moved by custom_stoploss"),
        ({}, "trailing stop", "none"),
        ({"trailing_stop_positive_ratio": 0.02}, "trailing stop", "none"),
        ({"trailing_stop": True}, "trailing stop", "-10.00 % from the highest price"),
        (
            {"trailing_stop": True, "trailing_stop_positive_ratio": 0.02, "trailing_stop_positive_offset_ratio": 0.03},
            "trailing stop",
            "-2.00 % from the highest price once the profit is 3.00 %, -10.00 % before",
        ),
        ({}, "minimal ROI", "none"),
        ({"minimal_roi": {60: 0.01, 0: 0.04}}, "minimal ROI", "4.00 % at once, 1.00 % after 60 min"),
        ({"use_exit_signal": False, "exit_profit_only": True}, "exit signals", "not used"),
        ({"exit_profit_only": True, "exit_profit_offset_ratio": 0.01}, "exit signals", "used, in profit above 1.00 % only"),
        ({"can_short": True}, "sides", "long and short"),
        ({"position_adjustment_enable": True}, "adjusts positions", "yes, without a limit"),
        (
            {"position_adjustment_enable": True, "max_entry_position_adjustment": 2},
            "adjusts positions",
            "yes, 2 further entries at the most",
        ),
    ],
)  # fmt: skip
def test_each_fact_is_said_in_words(changes: dict[str, object], row: str, said: str) -> None:
    assert rows(**changes)[row] == said
