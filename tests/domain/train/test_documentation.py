"""docs/train.md names every entry, step, hold and brake that there is."""

import dataclasses

import pytest

from pipeline.domain.train.brakes import Limits
from pipeline.domain.train.facts import KINDS
from pipeline.domain.train.open_trades import Severity
from pipeline.domain.train.state import HoldKind
from pipeline.domain.train.steps import StepKind
from tests.needs import ROOT

TEXT = (ROOT / "docs" / "train.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "word",
    [
        *(f"`{kind}`" for kind in KINDS),
        *(f"`{kind.value}`" for kind in StepKind),
        *(f"| {kind.value} |" for kind in HoldKind),
        *(f"`{field.name}`" for field in dataclasses.fields(Limits)),
        *(f"| {kind.name.lower()} |" for kind in Severity),
    ],
)
def test_it_is_documented(word: str) -> None:
    assert word in TEXT
