"""Options that the verbs which talk to GitHub share."""

from pathlib import Path

import click

repository_option = click.option(
    "--repository",
    metavar="OWNER/NAME",
    help="The repository on GitHub (default: the remote `origin` of this checkout).",
)
token_file_option = click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file that holds the token (default: the variable GITHUB_TOKEN or GH_TOKEN).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
run_option = click.option(
    "--run",
    "run_id",
    type=click.IntRange(1),
    required=True,
    envvar="GITHUB_RUN_ID",
    help="The number of the run (default: the run that this is a job of).",
)
attempt_option = click.option(
    "--attempt",
    type=click.IntRange(1),
    default=1,
    envvar="GITHUB_RUN_ATTEMPT",
    help="Which attempt of the run (default: the one that this is a job of).",
)
