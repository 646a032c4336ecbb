"""What `freqtrain gate` says with `--plan` and with `--join`."""

from dataclasses import dataclass
from pathlib import Path

import click

from pipeline.cli.actions import append, in_actions
from pipeline.cli.narration import Narration
from pipeline.domain.joining import Ended
from pipeline.errors import ConfigError
from pipeline.flows.gate_select import Wish
from pipeline.render import gate_join, gate_plan
from pipeline.render.annotations import problem_annotations
from pipeline.render.evidence_json import to_text
from pipeline.render.outcomes import exit_code
from pipeline.wiring import gate_shards as wiring


@dataclass(frozen=True, slots=True)
class Where:
    """On what a gate judges, and how its answer is printed."""

    environment: str
    dataset: Path | None
    user_data: Path
    out: Path
    as_json: bool


def tell_plan(wish: Wish, where: Where, most_shards: int) -> int:
    """Print the plan, and hand it on to the jobs that judge."""
    try:
        plan = wiring.plan(wish, where.environment, most_shards, where.dataset)
    except ConfigError as error:
        if in_actions():
            click.echo(problem_annotations(error.problems), err=True, nl=False)
        raise
    append("GITHUB_OUTPUT", gate_plan.plan_outputs(plan))
    click.echo(to_text(gate_plan.plan_document(plan)) if where.as_json else gate_plan.plan_text(plan), nl=False)
    return 0


def tell_joined(wish: Wish, where: Where, folder: Path, ended: Ended) -> int:
    """Print the one verdict, and leave it as data."""
    joined = wiring.joined(wish, where.environment, where.dataset, where.user_data, folder, ended, Narration())
    wiring.leave(joined, where.out)
    append("GITHUB_STEP_SUMMARY", gate_join.joined_markdown(joined))
    if in_actions():
        click.echo(gate_join.joined_annotations(joined), err=True, nl=False)
    click.echo(to_text(gate_join.joined_document(joined)) if where.as_json else gate_join.joined_text(joined), nl=False)
    return exit_code(joined.outcome)
