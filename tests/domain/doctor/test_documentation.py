"""docs/doctor.md names every kind of disagreement, and everything that is mended."""

import pytest

from pipeline.domain.doctor.commands import Mend
from pipeline.domain.doctor.kinds import MEANS, Kind
from tests.needs import ROOT

TEXT = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*(f"`{kind.value}`" for kind in Kind), *(f"| `{one.value}` |" for one in Mend)])
def test_it_is_documented(word: str) -> None:
    assert word in TEXT


def test_every_kind_says_what_it_means_in_whole_sentences() -> None:
    assert set(MEANS) == set(Kind)
    assert all(told[0].isupper() and told.endswith(".") and "  " not in told for told in MEANS.values())
