"""`freqtrain github wait`: what a deployment waits for."""

from pathlib import Path

import click

from pipeline.cli.github_options import json_option, repository_option, run_option, token_file_option
from pipeline.cli.narration import Narration
from pipeline.errors import ExitCode
from pipeline.flows import github_wait
from pipeline.render import github_told as render
from pipeline.render.evidence_json import to_text
from pipeline.wiring import github_tell as wiring


@click.command("wait")
@click.argument("environment")
@click.option("--commit", required=True, metavar="SHA", help="The commit that is told.")
@click.option("--job", required=True, help="The job that deploys, by the name that GitHub shows.")
@click.option("--minutes", type=click.IntRange(1, 300), default=15, show_default=True, help="How long to look.")
@run_option
@repository_option
@token_file_option
@json_option
def wait_command(
    environment: str,
    commit: str,
    job: str,
    minutes: int,
    run_id: int,
    repository: str | None,
    token_file: Path | None,
    as_json: bool,
) -> int:
    """Say under a commit what its deployment waits for: other jobs, an approval, or a device that is offline.

    Ends when a device takes the job, when the job ends, or after the minutes; then the line says plainly that no device took it. The exit
    code is 0 all the same: the job still waits, and nothing has failed.
    """
    narrator = Narration()
    with wiring.wait_ground(repository, token_file, narrator) as (ground, name):
        awaited = wiring.awaited(environment, commit, job, run_id, minutes, name)
        waited = github_wait.wait(awaited, ground)
    click.echo(to_text(render.waited_document(waited)) if as_json else render.waited_text(waited), nl=False)
    return ExitCode.DONE
