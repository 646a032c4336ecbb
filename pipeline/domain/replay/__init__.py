"""Causal replay: a trade is believed where the strategy makes it again without the candles that came after its decision."""

from pipeline.domain.replay.compare import RULE, compare
from pipeline.domain.replay.cut import Cut, cut_candles
from pipeline.domain.replay.plan import ENTRIES, EXITS, FEW, QUIET, plan_replay, seed

__all__ = ["ENTRIES", "EXITS", "FEW", "QUIET", "RULE", "Cut", "compare", "cut_candles", "plan_replay", "seed"]
