"""`freqtrain github check|apply|comment`; what is told of deployments is in github_tell.py."""

import json
import sys
from pathlib import Path

import click

from pipeline.cli import github_tell
from pipeline.cli.github_options import json_option, repository_option, token_file_option
from pipeline.cli.narration import Narration
from pipeline.errors import ExitCode, UsageError
from pipeline.flows import github_apply, github_check, github_comment
from pipeline.render import gate_comment
from pipeline.render import repository as render
from pipeline.wiring import github as wiring


@click.group()
def github() -> None:
    """Compare the repository on GitHub with .github/freqtrain.yml and environments/, bring it there, and tell what the train does."""


@github.command("check")
@repository_option
@token_file_option
@json_option
def check_command(repository: str | None, token_file: Path | None, as_json: bool) -> int:
    """Say what differs, field by field, and change nothing. Exit code 10 where anything does.

    The token must be an administrator's: GitHub shows some rules to nobody else. Secrets and variables are asked for by name only.
    """
    with wiring.ground(repository, token_file) as ground:
        checked = github_check.check(ground)
    click.echo(
        json.dumps(render.check_document(checked), indent=2)
        if as_json
        else render.check_text(checked, Narration().width),
        nl=as_json,
    )
    return checked.code


@github.command("apply")
@repository_option
@token_file_option
@click.option("--plan", "only_plan", is_flag=True, help="Say what would be changed, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def apply_command(repository: str | None, token_file: Path | None, only_plan: bool, yes: bool, as_json: bool) -> int:
    """Change what differs, after showing it. May be repeated, and goes on where it was cut off.

    What freqtrain does not manage stays as it is: other environments, rulesets, rules and checks. Secrets are never written. Exit code 3
    where GitHub refused anything.
    """
    narrator = Narration()
    with wiring.ground(repository, token_file) as ground:
        checked = github_check.check(ground)
        if only_plan and as_json:
            click.echo(json.dumps({**render.check_document(checked), "outcome": ExitCode.DONE.name}, indent=2))
            return ExitCode.DONE
        click.echo(render.plan_text(checked), nl=False, err=as_json)
        if only_plan:
            return ExitCode.DONE
        if checked.mendable and not yes:
            _ask()
        applied = github_apply.apply(checked, ground, narrator)
    click.echo(
        json.dumps(render.applied_document(applied), indent=2)
        if as_json
        else render.applied_text(applied, narrator.width),
        nl=as_json,
    )
    return applied.code


@github.command("comment")
@click.option(
    "--run", "run_id", type=click.IntRange(1), required=True, help="The number of a finished run of gate.yml."
)
@repository_option
@token_file_option
@json_option
def comment_command(run_id: int, repository: str | None, token_file: Path | None, as_json: bool) -> int:
    """Tell a pull request how its gate ended, in one comment that is kept up to date.

    The verdict is the check's, as GitHub reports it. Of what the run left, only numbers, outcomes and sentences are read, and written anew.
    """
    with wiring.comment_ground(repository, token_file) as ground:
        commented = github_comment.comment(run_id, ground)
    click.echo(
        json.dumps(gate_comment.commented_document(commented), indent=2)
        if as_json
        else gate_comment.commented_text(commented),
        nl=as_json,
    )
    return ExitCode.DONE


github.add_command(github_tell.wait_command)
github.add_command(github_tell.tell_command)
github.add_command(github_tell.rolled_back_command)


def _ask() -> None:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked", hint="look at --plan, then give --yes")
    click.confirm("Change it?", abort=True, err=True)
