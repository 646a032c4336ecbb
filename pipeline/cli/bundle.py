"""`freqtrain bundle show|verify|list|publish|fetch`."""

from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.domain.bundle import chosen
from pipeline.errors import ExitCode
from pipeline.flows.bundle_list import listed
from pipeline.flows.bundle_verify import verify
from pipeline.render import bundle_lists, bundles
from pipeline.render.evidence_json import to_text
from pipeline.wiring import bundle as wiring
from pipeline.wiring.bundle import MAIN

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")

_commit = click.option(
    "--commit", required=True, metavar="SHA", help="The commit that they were cut of, by its whole name."
)
_repository = click.option(
    "--repository", metavar="OWNER/NAME", help="The repository on GitHub (default: the remote `origin` of the clone)."
)
_token_file = click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file that holds the token (default: the variable GITHUB_TOKEN or GH_TOKEN).",
)


@click.group()
def bundle() -> None:
    """Look at the bundles that this device keeps, and carry them over GitHub."""


@bundle.command("show")
@click.argument("digest")
@home_option
@_json
def show_command(digest: str, home: Path, as_json: bool) -> None:
    """Show a bundle: what is in it, what it does to a trade, and each time that it was cut. The first digits of its digest may do."""
    store = wiring.bundles(home)
    stored = store.get(chosen(digest, store.digests()))
    click.echo(to_text(bundles.show_document(stored)) if as_json else bundles.show_text(stored), nl=False)


@bundle.command("list")
@click.argument("strategies", nargs=-1, metavar="[STRATEGY]...")
@home_option
@_json
def list_command(strategies: tuple[str, ...], home: Path, as_json: bool) -> int:
    """List the bundles of some strategies, or all, the newest first. Exit code 3 where one is damaged."""
    store = wiring.bundles(home)
    found = listed(store, strategies)
    click.echo(to_text(bundle_lists.list_document(found)) if as_json else bundle_lists.list_text(found), nl=False)
    return _code(not any(one.problems for one in found))


@bundle.command("verify")
@click.argument("digests", nargs=-1, metavar="[DIGEST]...")
@home_option
@_json
def verify_command(digests: tuple[str, ...], home: Path, as_json: bool) -> int:
    """Read bundles again, with every manifest and all evidence; all of them without one named. Exit code 3 where something is damaged."""
    store = wiring.bundles(home)
    known = store.digests()
    verified = verify(store, [chosen(digest, known) for digest in digests] or known)
    click.echo(
        to_text(bundle_lists.verify_document(verified)) if as_json else bundle_lists.verify_text(verified), nl=False
    )
    return _code(not any(one.problems for one in verified))


@bundle.command("publish")
@_commit
@_repository
@_token_file
@home_option
@_json
def publish_command(commit: str, repository: str | None, token_file: Path | None, home: Path, as_json: bool) -> None:
    """Upload the bundles that were cut of a commit into one release on GitHub, which devices fetch them from.

    May be repeated, and goes on where it was cut off. Nothing that is there is ever replaced. The token may write contents.
    """
    # GitHub takes a sixth of a second that only two verbs need.
    from pipeline.wiring.bundle_github import publish_bundles

    carried = publish_bundles(commit, repository, token_file, home, Narration())
    text = bundle_lists.carried_text(carried, "published", "was published before")
    click.echo(to_text(bundle_lists.carried_document(carried)) if as_json else text, nl=False)


@bundle.command("fetch")
@click.option("--commit", metavar="SHA", help="The commit that they were cut of, by its whole name.")
@click.option(
    "--missing",
    is_flag=True,
    help="Instead: of each strategy of main a bundle, from whichever commit, if none is here.",
)
@_repository
@_token_file
@click.option(
    "--clone",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="This device's own clone of the repository (default: the working directory).",
)
@click.option(
    "--main",
    default=MAIN,
    show_default=True,
    metavar="REF",
    help="The protected main by its whole name; without a remote, refs/heads/main.",
)
@home_option
@_json
def fetch_command(
    commit: str | None,
    missing: bool,
    repository: str | None,
    token_file: Path | None,
    clone: Path,
    main: str,
    home: Path,
    as_json: bool,
) -> int:
    """Keep the bundles of a commit, which GitHub holds, on this device.

    Only if the commit is on the protected main of the device's own clone, the device makes the same bundles of it, and their evidence is
    what the job `cut` of .github/workflows/test.yml left for that push. Exit code 3 with everything that speaks against it; then nothing
    is kept. With --missing it is 3 only where a strategy is still lacking whose bundle was refused. The token may read contents and actions;
    none is needed where all of it is here already.
    """
    from pipeline.wiring.bundle_github import fetch_bundles, fetch_missing_bundles

    if missing == bool(commit):
        raise click.UsageError("name a commit, or say --missing")
    if commit:
        carried = fetch_bundles(commit, repository, token_file, clone, main, home, Narration())
        text = bundle_lists.carried_text(carried, "kept", "was here before")
        click.echo(to_text(bundle_lists.carried_document(carried)) if as_json else text, nl=False)
        return ExitCode.DONE
    found = fetch_missing_bundles(repository, token_file, clone, main, home, Narration())
    told = found.carried, found.lacking, found.refused
    click.echo(to_text(bundle_lists.missing_document(*told)) if as_json else bundle_lists.missing_text(*told), nl=False)
    return _code(not found.refused)


def _code(sound: bool) -> ExitCode:
    return ExitCode.DONE if sound else ExitCode.REFUSED
