"""The real things behind `freqtrain parity`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.adapters.bot_engine import against_installed
from pipeline.adapters.engine import FreqtradeChild
from pipeline.domain.dataset import Severity
from pipeline.errors import Refused, UsageError
from pipeline.flows.parity import ParityGround
from pipeline.ports import Candles, Narrator
from pipeline.wiring.data_sets import data_sets
from pipeline.wiring.gate import sandbox_for
from pipeline.wiring.observations import past
from pipeline.wiring.road import on_device, road


@contextmanager
def ground(
    environment: str, dataset: Path, home: Path, narrator: Narrator, wait_minutes: float = 0.0
) -> Iterator[ParityGround]:
    """The environment, what was observed of it, the candles, and the engine.

    Raises:
        UsageError: nothing was ever deployed there on this device.
        Refused: the data set does not verify.
    """
    here = road(environment, home, narrator, starts=False, trades=False, wait_minutes=wait_minutes)
    name = here.environment.name
    if name not in on_device(home):
        there = ", ".join(on_device(home)) or "none"
        raise UsageError(f"nothing was ever deployed to '{name}' here", hint=f"there are: {there}")
    candles = _verified(dataset)
    with tempfile.TemporaryDirectory(prefix="freqtrain-parity-") as folder:
        child = FreqtradeChild(sandbox_for(narrator, required=False))
        yield ParityGround(here, past(home, name), candles, child, against_installed, Path(folder))


def _verified(root: Path) -> Candles:
    sets = data_sets()
    opened = sets.open(root)
    broken = [problem for problem in sets.verify(opened) if problem.severity is Severity.ERROR]
    if broken:
        listed = "\n".join(str(problem) for problem in broken[:20])
        raise Refused(
            f"the data set {root} does not verify:\n{listed}", hint=f"freqtrain data verify {root} lists everything"
        )
    return opened
