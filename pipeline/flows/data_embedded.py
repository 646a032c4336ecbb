"""The embedded data set: simulated on demand, so that a fresh clone can judge a strategy without a network."""

from pathlib import Path

from pipeline.domain.dataset import Severity
from pipeline.domain.market import DEFAULT_DAYS, name_of, notes, simulated
from pipeline.errors import ConfigError, UsageError
from pipeline.ports import Candles, DataSets, Narrator

SEED = 1


def embedded(user_data: Path, sets: DataSets, narrator: Narrator, seed: int = SEED) -> Candles:
    """The default simulated market, verified; made where it is missing, damaged, or of another version of the model.

    It lies in `data/simulated-<seed>` below freqtrade's user directory. Two processes may ask at once: one of them makes it.
    """
    root = user_data / "data" / name_of(seed)
    for _ in range(2):
        found = _sound(root, sets, seed)
        if found is not None:
            return found
        if root.exists():
            narrator.say(f"{root} is damaged or of another version: making it anew")
            sets.remove(root)
        narrator.say(f"making the simulated market (seed {seed}, {DEFAULT_DAYS} days) in {root}")
        try:
            return sets.write(simulated(seed), root)
        except FileExistsError:
            continue
    return sets.open(root)


def _sound(root: Path, sets: DataSets, seed: int) -> Candles | None:
    try:
        dataset = sets.open(root)
    except (UsageError, ConfigError):
        return None
    as_made = dataset.manifest.simulated and dataset.manifest.notes == notes(seed)
    return dataset if as_made and not any(p.severity is Severity.ERROR for p in sets.verify(dataset)) else None
