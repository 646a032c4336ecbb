"""`freqtrain data verify`: is a data set still what its manifest says, and fit to judge on?"""

from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.dataset import DataProblem, Manifest, Severity
from pipeline.ports import DataSets


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found."""

    manifest: Manifest
    problems: tuple[DataProblem, ...]

    @property
    def sound(self) -> bool:
        """Whether a gate may run on it: warnings do not stop it."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def verify(root: Path, sets: DataSets) -> Verified:
    """Look a data set over from end to end.

    Raises:
        UsageError: there is no data set.
        ConfigError: its manifest is wrong.
    """
    dataset = sets.open(root)
    return Verified(dataset.manifest, sets.verify(dataset))
