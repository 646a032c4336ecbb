"""The image on the other machine: `make image-arm64` runs it, emulated where the engine's own machine is another; the first time takes half an hour.

No test that runs by itself: a runner of that kind builds the image on every push, and emulation is for whoever has none.
"""

from pathlib import Path

import pytest

from tests.runner.image_ground import HARDENED, gated_here, gated_inside, image, inside

pytestmark = pytest.mark.processes


def test_it_is_of_that_machine_and_imports_the_engine() -> None:
    command = "import platform, freqtrade.freqtradebot, freqtrade.optimize.backtesting; print(platform.machine())"
    assert inside(image("arm64"), "python", "-c", command, options=HARDENED) == "aarch64\n"


def test_a_strategy_makes_the_same_trades_on_it(tmp_path: Path) -> None:
    assert gated_inside(image("arm64"), tmp_path) == gated_here(tmp_path)
