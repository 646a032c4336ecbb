"""Incidents as regression tests: each case of a folder is folded as the train folds its ledger, and compared with what was recorded of it.

@pytest.mark.parametrize("case", cases(Path(__file__).parent), ids=lambda case: case.name)
def test_the_case_comes_to_what_was_recorded(case: Path) -> None:
    assert not differences(case)
"""

from pathlib import Path

from pipeline.adapters.incident_cases import CasesOnDisk, cases_in
from pipeline.flows.incident import check

__all__ = ["cases", "differences"]


def cases(folder: Path) -> tuple[Path, ...]:
    """The archives of a folder, and the folders in it that one was unpacked into."""
    return cases_in(folder)


def differences(case: Path) -> tuple[str, ...]:
    """Where a case is not what was recorded of it, a line each; raises as `freqtrain incident check` where it cannot be read."""
    (found,) = check([case], CasesOnDisk()).values()
    return found
