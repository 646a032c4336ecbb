"""Where an environment's observations lie on a device."""

from pathlib import Path

from pipeline.adapters.observations.reader import ObservationReader

OBSERVATIONS = "observations.sqlite"


def observations(home: Path, environment: str) -> Path:
    """The file that the environment's watch writes."""
    return home / environment / OBSERVATIONS


def past(home: Path, environment: str) -> ObservationReader | None:
    """What was observed of an environment; None where nothing ever was."""
    file = observations(home, environment)
    return ObservationReader(file) if file.exists() else None
