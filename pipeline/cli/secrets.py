"""`freqtrain secrets set|list|remove`: an environment's secrets on the device, where GitHub does not keep them."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.domain.trading import Secret
from pipeline.domain.trading.kept import Kind, Named
from pipeline.domain.trading.secret_lines import NotReadable, read_secret_lines
from pipeline.errors import ExitCode, Refused
from pipeline.flows import secrets as flow
from pipeline.render import secrets as render
from pipeline.wiring import secrets as wiring

MOST_BYTES = 1 << 20

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group()
def secrets() -> None:
    """Keep an environment's secrets and variables on this device, where GitHub has no environments. No value is ever shown."""


@secrets.command("set")
@click.argument("environment")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@home_option
@_json
def set_(environment: str, names: tuple[str, ...], home: Path, as_json: bool) -> None:
    """Keep values of the names that environments/ENVIRONMENT.yml lists; all of them, or those that are given.

    On a terminal each is asked for without being shown; Enter alone leaves it as it was. Otherwise standard input holds one JSON object, or lines
    NAME=VALUE, each value exactly as it stands there. No argument takes a value.
    """
    ground = wiring.ground(environment, home)
    asked = flow.asked(names, ground)
    ground.store.kept()  # what cannot be kept is said before anybody types anything
    given = _ask(asked, ground.names.environment) if sys.stdin.isatty() else _read()
    kept = flow.keep(given, names, ground)
    found = flow.standing(ground)
    if as_json:
        document = {"outcome": ExitCode.DONE.name, "set": list(kept)}
        click.echo(json.dumps({**document, **render.standing_document(ground.names.environment, found)}, indent=2))
        return
    click.echo(f"{ground.names.environment}: kept on this device: {', '.join(kept)}" if kept else "nothing was changed")
    if missing := render.missing_line(ground.names.environment, found):
        click.echo(missing, err=True)


@secrets.command("list")
@click.argument("environment")
@home_option
@_json
def list_(environment: str, home: Path, as_json: bool) -> None:
    """Say by name what is kept, since when, and what is missing."""
    ground = wiring.ground(environment, home)
    flow.asked((), ground)
    found = flow.standing(ground)
    if as_json:
        document = {"outcome": ExitCode.DONE.name, **render.standing_document(ground.names.environment, found)}
        click.echo(json.dumps(document, indent=2))
        return
    for line in render.standing_lines(ground.names.environment, found):
        click.echo(line)


@secrets.command("remove")
@click.argument("environment")
@click.argument("name")
@home_option
def remove(environment: str, name: str, home: Path) -> None:
    """Forget one value. A bot that runs keeps what it was given until it is deployed anew."""
    ground = wiring.ground(environment, home)
    flow.remove(name, ground)
    click.echo(f"{ground.names.environment}: {name} is no longer kept on this device")


def _ask(asked: Sequence[Named], environment: str) -> Mapping[str, Secret]:
    click.echo(f"{environment}: nothing that you type is shown; Enter alone leaves a value as it was", err=True)
    given = {}
    for one in asked:
        about = "variable" if one.kind is Kind.VARIABLE else "secret"
        told = f"{one.name} ({about}{', needed' if one.needed else ''})"
        text = click.prompt(told, default="", hide_input=True, show_default=False, err=True)
        if text:
            given[one.name] = Secret(text)
    return given


def _read() -> Mapping[str, Secret]:
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused("standard input is larger than 1 MiB: that are no secrets")
    try:
        return read_secret_lines(content.decode())
    except UnicodeDecodeError:
        raise Refused("standard input is no UTF-8 text", hint=_FORMS) from None
    except NotReadable as error:
        raise Refused(f"standard input: {error}", hint=_FORMS) from None


_FORMS = 'it takes one JSON object, {"NAME": "value"}, or lines NAME=VALUE'
