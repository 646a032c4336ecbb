"""`freqtrain github wait|tell|rolled-back`: what a deployment waits for, how it ended, and what was taken back."""

from pathlib import Path

import click

from pipeline.cli.github_options import (
    attempt_option,
    json_option,
    repository_option,
    run_option,
    token_file_option,
)
from pipeline.cli.narration import Narration
from pipeline.domain.promotion_account import Ended
from pipeline.errors import ExitCode
from pipeline.flows import github_rolled_back, github_tell, github_wait
from pipeline.render import github_told as render
from pipeline.render.evidence_json import to_text
from pipeline.wiring import github_tell as wiring


@click.command("wait")
@click.argument("environment")
@click.option("--commit", required=True, metavar="SHA", help="The commit that is told.")
@click.option(
    "--tag", default="", help="A release tag: the commit that it names is told instead, if there is such a tag."
)
@click.option("--job", required=True, help="The job that deploys, by the name that GitHub shows.")
@click.option("--minutes", type=click.IntRange(1, 300), default=15, show_default=True, help="How long to look.")
@run_option
@repository_option
@token_file_option
@json_option
def wait_command(
    environment: str,
    commit: str,
    tag: str,
    job: str,
    minutes: int,
    run_id: int,
    repository: str | None,
    token_file: Path | None,
    as_json: bool,
) -> int:
    """Say under a commit what its deployment waits for.

    That may be other jobs, an approval, or a device that is offline. Ends when a device takes the job, when the job ends, or after the
    minutes; then the line says plainly that no device took it, and GitHub's page of the deployment as well. The exit code is 0 all the same: the
    job still waits, and nothing has failed.
    """
    narrator = Narration()
    with wiring.wait_ground(repository, token_file, narrator) as (ground, name):
        awaited = wiring.awaited(environment, commit, tag, job, run_id, minutes, name)
        waited = github_wait.wait(awaited, ground)
    click.echo(to_text(render.waited_document(waited)) if as_json else render.waited_text(waited), nl=False)
    return ExitCode.DONE


@click.command("tell")
@click.argument("environment")
@click.option("--commit", required=True, metavar="SHA", help="The commit that is told.")
@click.option(
    "--tag",
    default="",
    help="The release tag by which they boarded: its release notes say who did, and the commit that it names is told.",
)
@click.option(
    "--told",
    "file",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="What `freqtrain promote --out` left; where it is missing, that is told.",
)
@click.option(
    "--ended",
    type=click.Choice([one.value for one in Ended]),
    required=True,
    help="How GitHub says that the deploying job ended.",
)
@click.option(
    "--job",
    default="",
    help="What GitHub calls that job: it is asked whether a device took it, and which, so that what lacks it is named.",
)
@run_option
@attempt_option
@repository_option
@token_file_option
@json_option
def tell_command(
    environment: str,
    commit: str,
    tag: str,
    file: Path,
    ended: str,
    job: str,
    run_id: int,
    attempt: int,
    repository: str | None,
    token_file: Path | None,
    as_json: bool,
) -> int:
    """Say on GitHub how a deployment ended.

    Under the commit, on the page of the deployment, in the tag's release notes, and in an issue where it was taken back. Whether it worked
    is the job's end, as GitHub reports it. Of the file only ids, decisions and sentences are read, and written anew. Twice is as once; what
    could not be told in one place is told in the others, and makes the exit code.
    """
    with wiring.tell_ground(repository, token_file, file) as (ground, name):
        deploy = wiring.deploy(environment, commit, tag, Ended(ended), (run_id, attempt), name, job)
        told = github_tell.tell(deploy, ground)
    shown = (told.lines, told.failed)
    click.echo(to_text(render.told_document(*shown)) if as_json else render.told_text(*shown), nl=False)
    return render.told_code(told.failed)


@click.command("rolled-back")
@click.option(
    "--told",
    "file",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="What `freqtrain rolled-back --out` or `freqtrain roll-back --out` left, or a folder of such files.",
)
@click.option(
    "--environment",
    default="",
    help="Tell of this environment alone, where each has a device and a job of its own; empty, the default: of all.",
)
@run_option
@repository_option
@token_file_option
@json_option
def rolled_back_command(
    file: Path, environment: str, run_id: int, repository: str | None, token_file: Path | None, as_json: bool
) -> int:
    """Open an issue for each roll-back, once.

    Of the file only ids, times, digests and sentences are read, and written anew.
    """
    only = wiring.checked_environment(environment) if environment else ""
    roll_backs, wrong = wiring.roll_backs(file)
    with wiring.issues(repository, token_file) as (issues, name):
        told = github_rolled_back.tell(roll_backs, issues, wiring.run_link(name, run_id), only)
    lines = (*told.lines, *([f"the device says: {wrong}"] if wrong else []))
    shown = (lines or ("nothing was rolled back",), told.failed)
    click.echo(to_text(render.told_document(*shown)) if as_json else render.told_text(*shown), nl=False)
    return render.told_code(told.failed)
