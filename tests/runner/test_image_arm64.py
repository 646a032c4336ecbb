"""The image for arm64, as a Raspberry Pi runs it: emulated where the engine's own machine is another, so no more of it is run than has to be."""

from pathlib import Path

import pytest

from tests.runner.image_ground import HARDENED, demand_machine, gated_here, gated_inside, image, inside, small_market

pytestmark = pytest.mark.processes

MACHINES = """
import os, platform, struct, sysconfig
import freqtrade.freqtradebot, freqtrade.rpc.api_server
found = set()
for folder, _, files in os.walk(sysconfig.get_path("purelib")):
    for name in files:
        if ".so" in name:
            with open(os.path.join(folder, name), "rb") as library:
                found.add(struct.unpack_from("<H", library.read(20), 18)[0])
print(platform.machine(), *found)
"""
AARCH64 = 183
"""`EM_AARCH64` of the ELF header's e_machine."""


@pytest.fixture(autouse=True)
def machine() -> None:
    demand_machine("arm64")


def test_it_imports_the_engine_and_holds_no_library_of_another_machine() -> None:
    said = inside(image("arm64"), "python", "-", options=HARDENED, stdin=MACHINES)
    assert said == f"aarch64 {AARCH64}\n"


def test_a_strategy_makes_the_same_trades_on_it(tmp_path: Path) -> None:
    market = small_market(tmp_path)
    here = gated_here(tmp_path, market)
    assert gated_inside(image("arm64"), tmp_path, market) == here
