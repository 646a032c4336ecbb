"""`freqtrain monitor`."""

from pathlib import Path

import click

from pipeline.adapters.monitor_server import Address
from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.wiring import monitor as wiring

PORT = 8640


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; others than this device need --token-file."
)
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0: any that is free.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Show nothing to whoever does not give the word in this file, as the password a browser asks for, or as a bearer.",
)
@home_option
def monitor(host: str, port: int, token_file: Path | None, home: Path) -> None:
    """Show this device as a web page: what runs where, since when, how it does, and what was decided. It changes nothing."""
    narrator = Narration()
    address = Address(host, port)
    server = wiring.server(home, address, token_file, narrator)
    if not address.is_loopback:
        narrator.say("without TLS in front, whoever is on the way reads the token and the page (docs/monitor.md)")
    server.serve(lambda where: click.echo(f"{where} (Ctrl-C ends it)"))
