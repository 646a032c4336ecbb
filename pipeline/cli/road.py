"""The verbs that move bots: `deploy`, `converge`, `stop`, `roll-back`, `block`."""

from datetime import timedelta
from pathlib import Path

import click

from pipeline.cli.home import home_option
from pipeline.cli.narration import Narration
from pipeline.cli.rolled_back import told_anyway
from pipeline.cli.told_file import out_option
from pipeline.cli.waiting import TO_SELL, wait_option, waits
from pipeline.domain.bundle import chosen
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.plan import Order
from pipeline.errors import UsageError
from pipeline.flows import block as block_flow
from pipeline.flows import converge as converge_flow
from pipeline.flows import deploy as deploy_flow
from pipeline.flows import roll_back as roll_back_flow
from pipeline.flows import stop as stop_flow
from pipeline.render.roll_backs import document
from pipeline.wiring import road as wiring
from pipeline.wiring import rolled_back

_plan = click.option("--plan", "only_plan", is_flag=True, help="Say what would be done, and do nothing.")
_reason = click.option("--reason", default="", help="Why; it is recorded.")


@click.command()
@click.argument("environment")
@click.argument("bundle")
@_plan
@click.option(
    "--open-trades",
    "trades",
    type=click.Choice([policy.value for policy in TradePolicy]),
    help="What becomes of trades that are open (default: what the environment says).",
)
@click.option(
    "--warm",
    is_flag=True,
    help="Start the new bot beside the old one, so that it only waits for the database. Needs memory for two.",
)
@click.option("--again", is_flag=True, help="Also where the bundle runs already, because its configuration changed.")
@click.option(
    "--adopt-database",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take over the database of a bot that runs, or ran, elsewhere.",
)
@wait_option
@home_option
def deploy(
    environment: str,
    bundle: str,
    only_plan: bool,
    trades: str | None,
    warm: bool,
    again: bool,
    adopt_database: Path | None,
    wait_minutes: float,
    home: Path,
) -> None:
    """Let a bundle run in an environment of this device: proved healthy, or everything stays as it was (exit code 6)."""
    road = wiring.road(environment, home, Narration(environment), starts=True, warm=warm, wait_minutes=wait_minutes)
    digest = chosen(bundle, road.bundles.digests())
    order = Order(
        road.bundles.get(digest).bundle.strategy,
        digest,
        wiring.caller(),
        TradePolicy(trades or road.environment.open_trades.value),
        timedelta(hours=road.environment.drain_hours),
        warm=warm,
        adopt=adopt_database is not None,
        again=again,
    )
    if only_plan:
        click.echo(deploy_flow.planned(order, road))
        return
    deploy_flow.deploy(order, road, adopt_database)


@click.command()
@click.argument("environment")
@_plan
@click.option("--again", is_flag=True, help="Try bots once more that were given up.")
@wait_option
@home_option
def converge(environment: str, only_plan: bool, again: bool, wait_minutes: float, home: Path) -> None:
    """Bring what runs to what should run: at boot, from a timer, after anything that died half-way."""
    road = wiring.road(environment, home, Narration(environment), starts=False, wait_minutes=wait_minutes)
    if only_plan:
        for made in converge_flow.planned(road):
            click.echo(made)
        return
    converge_flow.bring_back(road, wiring.caller(), again=again)


@click.command()
@click.argument("environment")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All strategies of the environment.")
@click.option("--exit", "exits", is_flag=True, help="Sell every position as well.")
@click.option("--release", is_flag=True, help="Take a stop back: entries are allowed again. Needs --reason.")
@_reason
@waits(TO_SELL)
@home_option
def stop(
    environment: str,
    ids: tuple[str, ...],
    everything: bool,
    exits: bool,
    release: bool,
    reason: str,
    wait_minutes: float,
    home: Path,
) -> None:
    """Stop new entries at once; exits go on. It needs no network but the exchange's.

    Entries are stopped without waiting for anything; only selling, and releasing, wait for another verb that is at work.
    """
    if bool(ids) == everything:
        raise click.UsageError("name strategies, or say --all")
    if release and exits:
        raise click.UsageError("--release and --exit do not go together")
    patience = wait_minutes if exits or release else 0.0
    road = wiring.road(environment, home, Narration(environment), starts=False, wait_minutes=patience)
    strategies = tuple(sorted(wiring.strategies_in(road))) if everything else ids
    if not strategies:
        raise UsageError(f"nothing runs in '{environment}'")
    if release:
        stop_flow.release(strategies, road, wiring.caller(), reason)
    else:
        stop_flow.stop(strategies, road, wiring.caller(), reason, exits=exits)


@click.command("roll-back")
@click.argument("environment")
@click.argument("id")
@_plan
@_reason
@out_option
@wait_option
@home_option
def roll_back(
    environment: str, id: str, only_plan: bool, reason: str, out: Path | None, wait_minutes: float, home: Path
) -> None:
    """Bring the last known good bundle back, and block the one that runs."""
    narrator = Narration(environment)
    done = rolled_back.from_now_on(environment, id, home, narrator)
    with told_anyway(out, lambda code, told, hint: document(done(), code, told, hint), narrator) as tell:
        road = wiring.road(environment, home, narrator, starts=False, wait_minutes=wait_minutes)
        if only_plan:
            made = roll_back_flow.planned(id, road)
            good = "no bundle is known to be good: what runs would be blocked, and would only manage its exits"
            click.echo(made or good)
        else:
            click.echo(roll_back_flow.roll_back(id, road, wiring.caller(), reason))
        tell(document(done()))


@click.group()
def block() -> None:
    """Marks on bundles that only a person lifts."""


@block.command("set")
@click.argument("environment")
@click.argument("id")
@click.option("--bundle", default="", metavar="DIGEST", help="Which one (default: the one that runs there).")
@_reason
@home_option
def set_(environment: str, id: str, bundle: str, reason: str, home: Path) -> None:
    """Let a bundle board no more; where it runs, it enters nothing and manages its trades to their end."""
    road = wiring.road(environment, home, Narration(environment), starts=False)
    digest = chosen(bundle, wiring.bundles_of(id, road)) if bundle else ""
    click.echo(block_flow.set_block(id, digest, road, wiring.caller(), reason))


@block.command("lift")
@click.argument("environment")
@click.argument("bundle")
@_reason
@wait_option
@home_option
def lift(environment: str, bundle: str, reason: str, wait_minutes: float, home: Path) -> None:
    """Let a blocked bundle board again."""
    road = wiring.road(environment, home, Narration(environment), starts=False, wait_minutes=wait_minutes)
    known = tuple(dict.fromkeys((*road.bundles.digests(), *road.state().blocks)))
    block_flow.lift_block(chosen(bundle, known), road, wiring.caller(), reason)
