"""The data sets that every verb knows: those in folders."""

from pipeline.adapters.datasets import DataSets
from pipeline.config.manifest import manifest_text, read_manifest


def data_sets() -> DataSets:
    """Data sets in folders of the local disk."""
    return DataSets(read_manifest, manifest_text)
