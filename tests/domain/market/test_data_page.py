"""docs/data.md and the market model tell the same figures."""

import math
import re
from pathlib import Path

import pytest

from pipeline.domain.market import Regime
from pipeline.domain.market.regimes import CHARACTERS

PAGE = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")
ROWS = {
    row[0]: row[1:]
    for line in PAGE.splitlines()
    if len(row := [cell.strip() for cell in line.strip().strip("|").split("|")]) == 5
}


@pytest.mark.parametrize("regime", Regime)
def test_the_table_of_regimes_holds_the_models_numbers(regime: Regime) -> None:
    drift, noise, half, lasts = ROWS[regime.value]
    character = CHARACTERS[regime]
    assert float(drift.removesuffix(" %")) == pytest.approx(character.drift * 100)
    assert float(noise) == character.volatility
    assert float(half.removesuffix(" h")) == pytest.approx(math.log(2) / character.pull * 24, abs=0.05)
    assert re.findall(r"\d+", lasts) == [str(character.shortest_hours), str(character.longest_hours)]


def test_every_regime_is_told_and_no_other() -> None:
    assert set(ROWS) - {"regime", "---"} == {regime.value for regime in Regime}
