"""Incidents as regression tests: each case of a folder is folded as the train folds its ledger, its brakes and decisions are computed again,
and both are compared with what was recorded.

@pytest.mark.parametrize("case", cases(Path(__file__).parent), ids=lambda case: case.name)
def test_the_case_comes_to_what_was_recorded(case: Path) -> None:
    assert not differences(case)


@pytest.mark.parametrize("case", cases(Path(__file__).parent), ids=lambda case: case.name)
def test_the_case_brakes_and_decides_as_it_did(case: Path) -> None:
    assert not changed(case)
"""

from pathlib import Path

from pipeline.adapters.incident_cases import CasesOnDisk, cases_in
from pipeline.flows.incident import check, replay

__all__ = ["cases", "changed", "differences"]


def cases(folder: Path) -> tuple[Path, ...]:
    """The archives of a folder, and the folders in it that one was unpacked into."""
    return cases_in(folder)


def differences(case: Path) -> tuple[str, ...]:
    """Where a case is not what was recorded of it, a line each; raises as `freqtrain incident check` where it cannot be read."""
    (found,) = check([case], CasesOnDisk()).values()
    return found


def changed(case: Path) -> tuple[str, ...]:
    """What the code of today would not brake or decide as the case's ledger says, a line each; raises as `freqtrain incident replay`.

    Of a case whose ledger holds the very mistake, that is as it should be: leave it out here, and say in its `expected.json` what is right.
    """
    (found,) = replay([case], CasesOnDisk()).values()
    return tuple(map(str, found.differences))
