"""The real things behind `freqtrain new`."""

from pathlib import Path

from pipeline.adapters.folders import whole_folder
from pipeline.flows import new as flow


def new_strategy(id: str, strategies: Path, source: Path | None, class_name: str) -> flow.Made:
    """A new strategy on the disk, or an existing one taken in."""
    if source is None:
        return flow.new(id, strategies, whole_folder)
    return flow.take_in(id, strategies, source, class_name, whole_folder)
