"""`freqtrain data`: make, take in, verify, publish and fetch data sets."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.cli.narration import Narration
from pipeline.domain.canonical import Plain
from pipeline.domain.dataset import DataProblem, Manifest
from pipeline.domain.environment import EMBEDDED
from pipeline.domain.market import DEFAULT_DAYS, DEFAULT_PAIRS, name_of
from pipeline.errors import ExitCode, UsageError
from pipeline.flows.data_embedded import SEED
from pipeline.flows.data_import import Imported
from pipeline.flows.data_simulate import simulate as simulate_flow
from pipeline.flows.data_verify import verify as verify_flow
from pipeline.render import datasets
from pipeline.wiring import data as wiring

_FOLDER = click.Path(path_type=Path, file_okay=False)
_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
_user_data = click.option(
    "--user-data", type=_FOLDER, default=Path("user_data"), show_default=True, help="freqtrade's user directory."
)
_repository = click.option(
    "--repository",
    envvar="GITHUB_REPOSITORY",
    required=True,
    metavar="OWNER/NAME",
    help="Whose releases hold data sets.",
)


@click.group()
def data() -> None:
    """Make, take in and verify data sets of candles.

    A data set is a folder: freqtrade's feather files, the exchange's markets frozen beside them, and manifest.yml, which names all of it by
    digest. A gate runs on a data set that verifies, and on nothing else.
    """


@data.command()
@click.option("--seed", type=click.IntRange(0, 2**32), default=SEED, show_default=True, help="Which market.")
@click.option(
    "--pairs",
    multiple=True,
    metavar="PAIR",
    help="May be repeated, or separated by commas (default: all that the model knows).",
)
@click.option(
    "--days", type=click.IntRange(2, 3660), default=DEFAULT_DAYS, show_default=True, help="Back from the fixed end."
)
@click.option(
    "--minutes",
    is_flag=True,
    help="1m candles instead of 5m and 1h: a step of the model, else 5 minutes, passes in one.",
)
@click.option("--out", type=_FOLDER, help="A new folder (default: user_data/data/simulated-SEED).")
@_as_json
def simulate(seed: int, pairs: tuple[str, ...], days: int, minutes: bool, out: Path | None, as_json: bool) -> int:
    """Make a simulated market: it proves the train, not the strategy."""
    chosen = _listed(pairs) or DEFAULT_PAIRS
    folder = out or Path("user_data") / "data" / name_of(seed, chosen, days, minutes=minutes)
    placed = simulate_flow(seed, chosen, days, folder, wiring.data_sets(), minutes=minutes)
    return _show(placed.dataset.manifest, folder, as_json, already_there=placed.already_there)


@data.command("import")
@click.argument("folder", type=_FOLDER)
@click.option("--out", type=_FOLDER, required=True, help="A new folder for the data set.")
@click.option("--name", help="What to call it (default: the folder's name).")
@click.option("--exchange", default="", help="Whose rules apply (default: binance).")
@click.option(
    "--markets", type=click.Path(path_type=Path), help="A ccxt market snapshot (default: markets.json in the folder)."
)
@_as_json
def import_(folder: Path, out: Path, name: str | None, exchange: str, markets: Path | None, as_json: bool) -> int:
    """Take in candle files that freqtrade has downloaded (feather)."""
    assumed = () if exchange else ("the exchange was not named: binance's rules apply",)
    imported = wiring.import_data(
        folder,
        markets,
        out,
        name=_name(name or folder.resolve().name, named=name is not None),
        exchange=_exchange(exchange or "binance"),
        notes=assumed,
    )
    return _show_imported(imported, out, as_json)


@data.command()
@click.option("--exchange", required=True, help="ccxt's name of the exchange, such as binance or kraken.")
@click.option("--pairs", multiple=True, required=True, metavar="PAIR", help="May be repeated, or separated by commas.")
@click.option(
    "--timeframes",
    multiple=True,
    default=("5m", "1h"),
    show_default=True,
    help="May be repeated, or separated by commas.",
)
@click.option("--days", type=click.IntRange(1, 3660), default=365, show_default=True, help="Back from today.")
@click.option("--out", type=_FOLDER, required=True, help="A new folder for the data set.")
@click.option("--name", help="What to call it (default: the folder's name).")
@_as_json
def pull(
    exchange: str,
    pairs: tuple[str, ...],
    timeframes: tuple[str, ...],
    days: int,
    out: Path,
    name: str | None,
    as_json: bool,
) -> int:
    """Download candles and markets from an exchange, through freqtrade."""
    called = _name(name or out.resolve().name, named=name is not None)
    imported = wiring.pull_data(
        _exchange(exchange), _listed(pairs), _listed(timeframes), days, out, called, Narration()
    )
    return _show_imported(imported, out, as_json)


@data.command()
@click.argument("folder", type=_FOLDER)
@_as_json
def verify(folder: Path, as_json: bool) -> int:
    """Look a data set over: digests, gaps, duplicates, impossible numbers, unclosed candles."""
    verified = verify_flow(folder, wiring.data_sets())
    outcome = ExitCode.DONE if verified.sound else ExitCode.REFUSED
    if as_json:
        _print_json(datasets.as_object(outcome.name, verified.manifest, str(folder), verified.problems))
        return outcome
    for line in datasets.lines(verified.manifest, str(folder)):
        click.echo(line)
    for line in datasets.problem_lines(verified.problems):
        click.echo(line)
    click.echo("the data set is sound" if verified.sound else "the data set is not sound: no gate runs on it")
    return outcome


@data.command()
@click.argument("folder", type=_FOLDER)
@_repository
@click.option("--tag", default="", help="The release's tag (default: data- and the digest's first 16 digits).")
@_as_json
def publish(folder: Path, repository: str, tag: str, as_json: bool) -> int:
    """Upload a data set to a GitHub release, for machines that no exchange serves.

    The token comes from the environment: GITHUB_TOKEN, with the permission to write contents.
    """
    published = wiring.publish_data(folder, _owner_and_name(repository), tag, Narration())
    manifest = published.manifest
    if as_json:
        _print_json(
            {
                **datasets.as_object(ExitCode.DONE.name, manifest, str(folder)),
                "url": published.url,
                "already_there": published.already_there,
            }
        )
        return ExitCode.DONE
    click.echo(f"{'already there' if published.already_there else 'uploaded'}: {published.url}")
    click.echo(
        f"to judge on it, write into environments/ci.yml:\n  dataset:\n    digest: {manifest.digest}\n    repository: {repository}"
    )
    return ExitCode.DONE


@data.command()
@click.argument("digest", required=False)
@click.option(
    "--environment", metavar="NAME", help="Fetch what this environment names; nothing if it is the embedded market."
)
@click.option("--repository", envvar="GITHUB_REPOSITORY", metavar="OWNER/NAME", help="Whose releases hold data sets.")
@_user_data
@_as_json
def fetch(digest: str | None, environment: str | None, repository: str | None, user_data: Path, as_json: bool) -> int:
    """Download a data set by its digest, verify it, and keep it below the user directory.

    A private repository takes a token from the environment: GITHUB_TOKEN.
    """
    if (digest is None) == (environment is None):
        raise click.UsageError("name either a DIGEST or an --environment")
    if environment is not None:
        named = wiring.dataset_of(environment)
        if named.digest == EMBEDDED:
            click.echo(f"{environment} judges on the embedded market: there is nothing to fetch", err=True)
            return ExitCode.DONE
        digest, repository = named.digest, named.repository or repository
    if repository is None:
        raise click.UsageError("Missing option '--repository': whose releases hold the data set?")
    fetched = wiring.fetch_data(digest or "", _owner_and_name(repository), user_data, Narration())
    return _show(fetched.dataset.manifest, fetched.dataset.root, as_json, already_there=fetched.cached)


def _show_imported(imported: Imported, out: Path, as_json: bool) -> int:
    for line in datasets.problem_lines(imported.warnings):
        click.echo(line, err=True)
    for name in imported.left_aside:
        click.echo(f"left aside: {name} is no candle file", err=True)
    placed = imported.placed
    return _show(placed.dataset.manifest, out, as_json, already_there=placed.already_there, problems=imported.warnings)


def _show(
    manifest: Manifest,
    folder: Path,
    as_json: bool,
    *,
    already_there: bool = False,
    problems: Sequence[DataProblem] = (),
) -> int:
    if as_json:
        _print_json(
            {**datasets.as_object(ExitCode.DONE.name, manifest, str(folder), problems), "already_there": already_there}
        )
        return ExitCode.DONE
    if already_there:
        click.echo(f"{folder} holds this data set already", err=True)
    for line in datasets.lines(manifest, str(folder)):
        click.echo(line)
    return ExitCode.DONE


def _print_json(value: dict[str, Plain]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _listed(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for value in values for part in value.split(",") if part.strip()))


def _name(name: str, *, named: bool) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name):
        return name
    if named:
        raise UsageError(f"{name!r} cannot be a data set's name", hint="letters, digits, point, dash and underscore")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:80] or "candles"


def _exchange(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]{1,40}", name):
        raise UsageError(
            f"{name!r} is no exchange's name", hint="ccxt's names are lower-case, such as binance or kraken"
        )
    return name


def _owner_and_name(repository: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}", repository):
        raise UsageError(f"{repository!r} is no repository", hint="write it as owner/name")
    return repository
