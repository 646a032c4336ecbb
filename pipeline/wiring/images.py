"""The real things behind `freqtrain image`: the engine, and what a home's ledgers and bundles say."""

import os
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.train.fold import fold_ledger
from pipeline.flows.image_prune import ImageGround
from pipeline.ports import Narrator
from pipeline.wiring.bundle import bundles
from pipeline.wiring.homes import outside
from pipeline.wiring.road import ledger, on_device
from pipeline.wiring.runtime import IMAGE_VARIABLE


def ground(home: Path, narrator: Narrator) -> ImageGround:
    """What decides about the images of a device, as one of its homes knows it.

    Raises:
        Refused: a ledger cannot be read.
    """
    outside(home)
    states = tuple(fold_ledger(ledger(name, home, narrator).entries(), name) for name in on_device(home))
    named = os.environ.get(IMAGE_VARIABLE, "")
    return ImageGround(states, bundles(home), ComposeRuntime(home, SystemClock(), named).images(), named)
