"""`freqtrain bundle show|verify|list`."""

from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.domain.bundle import chosen
from pipeline.errors import ExitCode
from pipeline.flows.bundle_list import listed
from pipeline.flows.bundle_verify import verify
from pipeline.render import bundle_lists, bundles
from pipeline.render.evidence_json import to_text
from pipeline.wiring import bundle as wiring

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group()
def bundle() -> None:
    """Look at the bundles that this device keeps."""


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


def _code(sound: bool) -> ExitCode:
    return ExitCode.DONE if sound else ExitCode.REFUSED
