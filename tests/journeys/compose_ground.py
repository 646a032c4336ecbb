"""The device of ground.py with its bots in containers; also the verb that is killed in the middle.

python -m tests.journeys.compose_ground IMAGE DEVICE ADDRESS FIRST_PORT ACCOUNT BUNDLE STEP
"""

import sys
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.train.plan import Order
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from tests.journeys import ground
from tests.journeys.ground import STRATEGY


def road(image: str, device: Path, address: str, first_port: int, account: str, dies_at: str = "") -> Road:
    """One live environment of the device; its exchange is on the loopback, so its bots share the device's network."""
    runtime = ComposeRuntime(device, SystemClock(), image, host_network=True)
    return replace(ground.road(device, address, first_port, account, dies_at), runtime=runtime)


def main() -> None:
    image, device, address, first_port, account, bundle, dies_at = sys.argv[1:]
    deploy(Order(STRATEGY, bundle, "operator"), road(image, Path(device), address, int(first_port), account, dies_at))


if __name__ == "__main__":
    main()
