"""Strategies that know the windows by heart are not run: their trades would be true, possible and made from the past alone."""

import pytest

from pipeline.domain.lint import lint
from pipeline.domain.verdict import Outcome
from tests.hostile.case import Hostile, candidate
from tests.hostile.cheat import HINDSIGHT


@pytest.mark.parametrize("attack", HINDSIGHT, ids=lambda attack: attack.name)
def test_reading_finds_it_and_nothing_else_to_blame(attack: Hostile) -> None:
    found = lint(candidate(attack), frozenset({"talib"}))
    assert {finding.rule for finding in found if finding.outcome is Outcome.FAIL} == {"FT214"}
    assert all(finding.place is not None and finding.place.line > 1 for finding in found)
