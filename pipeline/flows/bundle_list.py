"""`freqtrain bundle list`: the bundles of a device in the order in which people look for them."""

from collections.abc import Sequence

from pipeline.domain.bundle_manifest import Verified
from pipeline.flows.bundle_verify import verify
from pipeline.ports import Bundles


def listed(bundles: Bundles, strategies: Sequence[str]) -> tuple[Verified, ...]:
    """The bundles of these strategies, or all: by strategy, the newest cut first; damaged ones last, whose strategy is not known."""
    found = verify(bundles, bundles.digests())
    whole = [
        one for one in found if one.stored is not None and (not strategies or one.stored.bundle.strategy in strategies)
    ]
    whole.sort(
        key=lambda one: (one.stored.bundle.strategy, -one.stored.newest.cut_at.timestamp()) if one.stored else ("", 0)
    )
    return (*whole, *(one for one in found if one.stored is None))
