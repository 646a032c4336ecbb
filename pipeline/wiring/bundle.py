"""The real things behind `freqtrain bundle`: the store of a device's home."""

from pathlib import Path

from pipeline.adapters.bundle_store import BundleStore
from pipeline.adapters.git_tags import MAIN

__all__ = ["MAIN", "bundles"]

STORE = "store"


def bundles(home: Path) -> BundleStore:
    """The bundles of a device."""
    return BundleStore(home / STORE)
