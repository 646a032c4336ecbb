"""Every incident that was kept: its ledger comes to what it came to when it was recorded, and what was braked and decided is so again.

A case is a packed incident with `NAME.expected.json` beside it, or a folder that `freqtrain incident unpack` made. See docs/incident.md.
"""

from pathlib import Path

import pytest

from pipeline.adapters.incident_cases import CasesOnDisk
from pipeline.flows.incident import replay
from pipeline.testing.incidents import cases, changed, differences

CASES = cases(Path(__file__).parent)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_case_comes_to_what_was_recorded(case: Path) -> None:
    assert not differences(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_case_brakes_and_decides_as_it_did(case: Path) -> None:
    assert not changed(case)


def test_there_are_brakes_of_several_kinds_and_a_decision_that_took_back() -> None:
    found = [one.what for replayed in replay(CASES, CasesOnDisk()).values() for one in replayed.again]
    braked = {what.removeprefix("braked by ") for what in found if what.startswith("braked by ")}
    assert braked >= {"drawdown_max_ratio", "daily_loss_max_ratio", "account_loss_max_ratio", "consecutive_losses"}
    assert {"decided hold", "decided roll back"} <= set(found)
