"""Cases of incidents: are they still what was expected of them, and what does the code of today say of what was braked and decided?"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.domain.incident_case import again, differences, told
from pipeline.domain.incident_replay import Replayed
from pipeline.errors import Refused
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


def replay(places: Sequence[Path], cases: Cases) -> Mapping[str, Replayed]:
    """Compute again what each case braked and decided; place -> what was recorded beside what is found today.

    Raises:
        Refused: a ledger is not understood, so that nobody knows what was known when something was decided.
    """
    found = {}
    for place in places:
        one = cases.read(place)
        if one.state is None:
            raise Refused(f"{place}: {one.problem}")
        found[str(place)] = again(one)
    return found
