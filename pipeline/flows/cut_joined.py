"""`freqtrain cut --join`: build what passed of a gate that was spread over many machines, whatever became of the rest."""

from collections.abc import Mapping
from dataclasses import replace

from pipeline.domain.bundle_manifest import Cuts
from pipeline.domain.joining import Joined
from pipeline.domain.verdict import Outcome
from pipeline.flows.cut import CutTools, cut
from pipeline.flows.cut_prepare import CutGround, CutWish


def cut_joined(wish: CutWish, joined: Joined, places: Mapping[str, str], ground: CutGround, tools: CutTools) -> Cuts:
    """Cut a bundle of every strategy whose verdict arrived, holds, and is PASS; the others are left out, each with its outcome.

    So neither a strategy that fails nor a machine that dies keeps another strategy. Where there is nothing to cut, nothing is, and that is no error.

    Args:
        wish: what the caller lets pass.
        joined: the verdicts of all that was planned.
        places: how messages call the evidence, by strategy.
        ground: what the evidence is held against.
        tools: what to work with.

    Raises:
        ConfigError: strategies passed, and something speaks against cutting every one of them.
        ToolFailed: the engine or the disk; bundles that were stored before stay.
    """
    left = tuple((one.strategy, one.outcome) for one in joined.verdicts if one.outcome is not Outcome.PASS)
    records = {one.strategy: one.record for one in joined.verdicts if one.outcome is Outcome.PASS and one.record}
    if not records:
        return Cuts((), left)
    made = cut(replace(wish, each_alone=True), records, places, ground, tools)
    return replace(made, left=(*left, *made.left))
