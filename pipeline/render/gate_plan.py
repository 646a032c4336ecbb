"""A gate's plan: for people, for a program, and as the outputs of a step in Actions."""

import json

from pipeline.domain.canonical import Plain
from pipeline.domain.dataset import SIMULATED_NOTE
from pipeline.domain.evidence import SCHEMA
from pipeline.domain.shards import GatePlan
from pipeline.domain.verdict import Outcome
from pipeline.render.outcomes import counted
from pipeline.render.plain import no_commands, plain_text

NOTHING = "Nothing was to be judged."


def plan_text(plan: GatePlan) -> str:
    """A line a strategy, with the shard that judges it and why."""
    reasons = {one.id: one.because for one in plan.chosen}
    lines = [
        f"  {shard!s:>7}  {plain_text(id)}: {plain_text(reasons[id])}"
        for shard in plan.shards
        for id in shard.strategies
    ]
    return no_commands("\n".join([_head(plan), *lines]) + "\n")


def plan_document(plan: GatePlan) -> dict[str, Plain]:
    """The same for a program."""
    return {
        "outcome": Outcome.PASS.name,
        "schema": SCHEMA,
        "simulated": plan.simulated,
        "strategies": [{"id": one.id, "chosen_because": one.because} for one in plan.chosen],
        "shards": [
            {"shard": str(shard), "number": shard.number, "strategies": list(shard.strategies)} for shard in plan.shards
        ],
    }


def plan_outputs(plan: GatePlan) -> str:
    """What a step hands on: `any`, and `shards`, the matrix of the jobs that judge.

    One `name=value` a line. No value holds anything that a change could choose, ids among them, so that none can end its line.
    """
    matrix = [{"shard": str(shard), "number": shard.number} for shard in plan.shards]
    return f"any={'true' if matrix else 'false'}\nshards={json.dumps(matrix)}\n"


def _head(plan: GatePlan) -> str:
    if not plan.chosen:
        return NOTHING
    market = f", on a market that is {SIMULATED_NOTE}" if plan.simulated else ""
    return f"{counted(len(plan.chosen), 'strategy')} in {counted(len(plan.shards), 'shard')}{market}"
