"""Cases of incidents: are they still what was expected of them?"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.domain.incident_case import differences, told
from pipeline.ports.incidents import Cases


def check(places: Sequence[Path], cases: Cases, expected: Path | None = None) -> Mapping[str, tuple[str, ...]]:
    """Fold each case, and compare it with what was recorded of it; place -> where the two differ.

    Args:
        expected: where the expectation of the one case lies, if not beside it.
    """
    found = {}
    for place in places:
        wanted = cases.expectation(expected or cases.expectation_of(place))
        found[str(place)] = differences(wanted, told(cases.read(place)))
    return found


def record(places: Sequence[Path], cases: Cases, expected: Path | None = None) -> tuple[Path, ...]:
    """Write down what each case comes to now, so that it stays that way."""
    files = []
    for place in places:
        file = expected or cases.expectation_of(place)
        cases.expect(file, told(cases.read(place)))
        files.append(file)
    return tuple(files)
