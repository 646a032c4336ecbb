"""Look at this machine before anything depends on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.domain.preflight import Checked, Standing, missing
from pipeline.errors import ExitCode, FreqtrainError
from pipeline.ports import Narrator


@dataclass(frozen=True, slots=True)
class Check:
    """One look at the machine: `name` for where it fails, `look` gives its lines, `told` is said before one that takes a while."""

    name: str
    look: Callable[[], Sequence[Checked]]
    told: str = ""


def preflight(checks: Sequence[Check], narrator: Narrator) -> tuple[Checked, ...]:
    """Make every check, whatever the others find; one that cannot be made is told as such and is not taken for good."""
    found: list[Checked] = []
    for check in checks:
        if check.told:
            narrator.say(check.told)
        try:
            found += check.look()
        except FreqtrainError as error:
            found.append(Checked(check.name, Standing.MISSING, error.message, error.hint))
        except OSError as error:
            told = f"{error.filename or 'the system'}: {error.strerror or error}"
            found.append(Checked(check.name, Standing.MISSING, told, "make it readable for this user"))
    return tuple(found)


def outcome(checked: Sequence[Checked]) -> ExitCode:
    """REFUSED where anything that is required is missing."""
    return ExitCode.REFUSED if missing(checked) else ExitCode.DONE
