"""Every incident that was kept: its ledger comes to what it came to when it was recorded.

A case is a packed incident with `NAME.expected.json` beside it, or a folder that `freqtrain incident unpack` made. See docs/incident.md.
"""

from pathlib import Path

import pytest

from pipeline.testing.incidents import cases, differences

CASES = cases(Path(__file__).parent)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_case_comes_to_what_was_recorded(case: Path) -> None:
    assert not differences(case)


def test_there_is_a_case() -> None:
    assert CASES
