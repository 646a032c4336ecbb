"""The device of ground.py with its bots in containers; also the verb that is killed in the middle.

python -m tests.journeys.compose_ground IMAGE DEVICE ADDRESS FIRST_PORT ACCOUNT BUNDLE STEP CUT_FOR

CUT_FOR is a JSON object: a bundle's digest -> that of the image that it was cut for. Those that are not in it were cut for none.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.train.plan import Order
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from tests.journeys import ground
from tests.journeys.ground import NEW, OLD, SICK, STRATEGY, FewBundles


def road(
    image: str,
    device: Path,
    address: str,
    first_port: int,
    account: str,
    dies_at: str = "",
    cut_for: Mapping[str, str] | None = None,
) -> Road:
    """One live environment of the device; its exchange is on the loopback, so its bots share the device's network."""
    runtime = ComposeRuntime(device, SystemClock(), image, host_network=True)
    own = ground.road(device, address, first_port, account, dies_at, images=runtime.images())
    held = {one.digest: bound(one, (cut_for or {}).get(one.digest, "")) for one in (OLD, NEW, SICK)}
    return replace(own, runtime=runtime, bundles=FewBundles(held))


def bound(one: StoredBundle, image: str) -> StoredBundle:
    """The bundle as it was cut for an image."""
    return replace(one, manifests=(replace(one.newest, image=image),))


def main() -> None:
    image, device, address, first_port, account, bundle, dies_at, cut_for = sys.argv[1:]
    own = road(image, Path(device), address, int(first_port), account, dies_at, json.loads(cut_for))
    deploy(Order(STRATEGY, bundle, "operator"), own)


if __name__ == "__main__":
    main()
