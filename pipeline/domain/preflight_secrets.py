"""What a look at the secrets that a device keeps found."""

from collections.abc import Sequence

from pipeline.domain.preflight import Checked, Standing
from pipeline.domain.trading.kept import Standing as Where
from pipeline.errors import Refused


def kept_secrets(environment: str, found: Sequence[Where] | Refused) -> Checked:
    """One environment's: which are kept and since when, which are missing, or why none of them is used."""
    name = f"secrets of {environment}"
    if isinstance(found, Refused):
        return Checked(name, Standing.MISSING, found.message, found.hint)
    missing = [one.name.name for one in found if one.missing]
    if missing:
        return Checked(name, Standing.WEAK, f"missing: {', '.join(missing)}", f"freqtrain secrets set {environment}")
    if strange := [one.name.name for one in found if one.unnamed]:
        told = f"kept, though its file does not name it: {', '.join(strange)}"
        return Checked(name, Standing.WEAK, told, f"freqtrain secrets remove {environment} {strange[0]}")
    kept = [f"{one.name.name} since {one.since_at:%Y-%m-%d}" for one in found if one.since_at]
    return Checked(name, Standing.GOOD, ", ".join(kept) or "none is kept here")
