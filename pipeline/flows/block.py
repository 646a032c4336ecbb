"""`freqtrain block`: a mark on a bundle, by which it boards no more and enters nothing, until a person lifts it."""

from functools import partial

from pipeline.domain.train.decisions import Blocked, BlockLifted
from pipeline.domain.train.steps import short
from pipeline.errors import Locked, Refused, ToolFailed, UsageError
from pipeline.flows.converge import converge
from pipeline.flows.hold import hold, tried
from pipeline.flows.road import Road


def set_block(strategy: str, bundle: str, road: Road, by: str, reason: str) -> str:
    """Block a bundle of a strategy, the one that stands there where `bundle` is ""; returns a sentence about it.

    It waits for no other verb: the ledger first, which every verb reads again before it releases; then the homes of the bots that run it; then
    the bots. What runs goes on managing its trades.

    Raises:
        UsageError: no reason, or nothing of the strategy runs there and no bundle was named.
        Refused: it is blocked already, or is a bundle of another strategy; nothing has changed.
        ToolFailed: it is blocked, and some of what follows did not work; the message says what.
    """
    if not reason.strip():
        raise UsageError("why is it blocked? give --reason")
    road.demand_here()
    environment, state = road.environment.name, road.state()
    known, standing = state.of(strategy), state.of(strategy).standing
    blocked = bundle or (standing.bundle if standing else "")
    if not blocked:
        raise UsageError(f"'{strategy}' does not run in '{environment}'", hint="say which bundle, with --bundle")
    ran = any(made.bundle == blocked for made in known.deployments)
    if not ran and (own := road.bundles.get(blocked).bundle.strategy) != strategy:
        raise Refused(f"{short(blocked)} is a bundle of '{own}', not of '{strategy}'")
    if old := state.blocks.get(blocked):
        since = f"{old.at:%Y-%m-%d %H:%M} UTC"
        raise Refused(f"{short(blocked)} is blocked already, by {old.by} since {since}: {old.reason}")
    road.record(Blocked(environment, strategy, blocked, by, reason))
    failures = hold([bot for bot in road.seen() if bot.bundle == blocked], road, f"blocked by {by}: {reason}")
    try:
        with road.locked(f"block {short(blocked)}"):
            failures += tried(strategy, partial(converge, road, by, strategy))
    except Locked as error:
        road.narrator.say(f"it is blocked; {error.message}")
    if failures:
        raise ToolFailed("it is blocked; not all of the rest worked:\n" + "\n".join(f"  {one}" for one in failures))
    return f"{short(blocked)} is blocked in '{environment}' until a person lifts it"


def lift_block(bundle: str, road: Road, by: str, reason: str) -> None:
    """Let a blocked bundle board again.

    Raises:
        UsageError: without a reason.
        Refused: it is not blocked.
    """
    if not reason.strip():
        raise UsageError("why may it board again? give --reason")
    with road.locked(f"block lift {short(bundle)}"):
        if bundle not in road.state().blocks:
            raise Refused(f"{short(bundle)} is not blocked in '{road.environment.name}'")
        road.record(BlockLifted(road.environment.name, bundle, by, reason))
