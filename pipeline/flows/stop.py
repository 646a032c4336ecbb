"""`freqtrain stop`: no new entries, or everything sold, at once; it waits for no lock, no network and no approval."""

from collections.abc import Sequence
from functools import partial

from pipeline.domain.train.decisions import EntriesStopped, Released
from pipeline.errors import Locked, Refused, ToolFailed, UsageError
from pipeline.flows.attend import attended
from pipeline.flows.converge import converge
from pipeline.flows.hold import hold, tried
from pipeline.flows.road import Road


def stop(strategies: Sequence[str], road: Road, by: str, reason: str, *, exits: bool) -> None:
    """Stop the entries of these strategies, and with `exits` sell what they hold.

    First each bot's home says so, which every bot reads before every entry and at every start; then the ledger; then the bots are told.

    Raises:
        UsageError: a strategy is not known there.
        Locked: the entries are stopped, but selling has to wait for the verb that is at work.
        ToolFailed: some of it did not work; the message says what.
    """
    _known(strategies, road)
    failures = _hold(strategies, road, reason)
    for strategy in strategies:
        fact = EntriesStopped(road.environment.name, strategy, by, reason, exits)
        failures += tried(strategy, partial(road.record, fact))
    failures += _hold(strategies, road, reason)  # once more: a bot may have been released in between
    try:
        with road.locked("stop"):
            for strategy in strategies:
                failures += tried(strategy, partial(converge, road, by, strategy))
    except Locked as error:
        if exits:
            raise Locked(f"entries are stopped, and nothing is sold yet: {error.message}", hint=error.hint) from error
        road.narrator.say(f"entries are stopped; {error.message}")
    if failures:
        raise ToolFailed("not all of it worked:\n" + "\n".join(f"  {failure}" for failure in failures))


def release(strategies: Sequence[str], road: Road, by: str, reason: str) -> None:
    """Allow entries again after a stop, a brake or a doubt.

    Raises:
        UsageError: without a reason, or a strategy is not known there.
    """
    if not reason.strip():
        raise UsageError("why may they enter again? give --reason")
    _known(strategies, road)
    road.demand_here()
    with road.locked("release"), attended(road):
        for strategy in strategies:
            road.record(Released(road.environment.name, strategy, by, reason))
        for strategy in strategies:
            converge(road, by, strategy)


def _known(strategies: Sequence[str], road: Road) -> None:
    held = {bot.spec.strategy for bot in road.runtime.running() if bot.spec.environment == road.environment.name}
    try:
        known = held | set(road.state().strategies)
    except Refused as error:  # A ledger that cannot be read must not keep anybody from stopping what runs.
        road.narrator.say(error.message)
        known = held
    if strange := [strategy for strategy in strategies if strategy not in known]:
        raise UsageError(
            f"{', '.join(strange)}: not in '{road.environment.name}'",
            hint=f"there are: {', '.join(sorted(known)) or 'none'}",
        )


def _hold(strategies: Sequence[str], road: Road, reason: str) -> list[str]:
    return hold(road.seen(*strategies) if strategies else (), road, reason or "stopped by a person")
