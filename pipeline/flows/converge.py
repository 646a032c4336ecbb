"""`freqtrain converge`: what runs is brought to what should run, whatever happened to the device or to the verb before."""

from collections.abc import Sequence

from pipeline.domain.train.converge import converge_one, drain_is_over, is_over, paused_by_hand
from pipeline.domain.train.decisions import EntriesStopped
from pipeline.domain.train.movements import Drained
from pipeline.domain.train.plan import Plan
from pipeline.domain.train.sight import of_strategy
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.flows.attend import attend, attended
from pipeline.flows.carry_out import carry_out
from pipeline.flows.road import Road


def bring_back(road: Road, by: str, *, again: bool = False) -> None:
    """Everything in the environment, its watch included: it looks on already while bots are started one after the other.

    Raises:
        Locked: another verb is at work in the environment.
        Refused, ToolFailed: see `converge` and `attend`.
    """
    with road.locked("converge"), attended(road):
        try:
            attend(road)
        except FreqtrainError as error:  # It is tried again at the end, when bots have what it needs.
            road.narrator.say(error.message)
        converge(road, by, again=again)


def converge(road: Road, by: str, only: str = "", *, again: bool = False) -> None:
    """One strategy after the other, or `only` one; what goes wrong with one does not keep the others waiting.

    The lock of the environment is the caller's. A bot that its runtime gave up is left down unless a person says `again`.

    Raises:
        Refused, ToolFailed: some could not be brought there; the message lists them.
    """
    failures: list[tuple[str, FreqtrainError]] = []
    for strategy in _named(road, only):
        try:
            _one(road, strategy, by, again)
        except FreqtrainError as error:
            failures.append((strategy, error))
            road.narrator.say(f"{strategy}: {error.message}")
    if failures:
        told = "\n".join(f"  {strategy}: {error.message}" for strategy, error in failures)
        hint = next((error.hint for _, error in failures if error.hint), "")
        refused = all(isinstance(error, Refused) for _, error in failures)
        kind = Refused if refused else ToolFailed
        raise kind(f"not everything runs that should in '{road.environment.name}':\n{told}", hint=hint)


def planned(road: Road) -> tuple[Plan, ...]:
    """What `converge` would do now."""
    state, seen, now = road.state(), road.seen(), road.clock.now()
    if state.away:
        return ()
    plans = (converge_one(seen, state, strategy, now) for strategy in _named(road, ""))
    return tuple(plan for plan in plans if plan is not None)


def _named(road: Road, only: str) -> Sequence[str]:
    if only:
        return (only,)
    held = {bot.spec.strategy for bot in road.runtime.running() if bot.spec.environment == road.environment.name}
    return tuple(sorted(held | set(road.state().strategies)))


def _one(road: Road, strategy: str, by: str, again: bool) -> None:
    """A second look after the first plan: the end of a drain, or a way back, may leave something to be done."""
    for _ in range(2):
        state, seen, now = road.state(), road.seen(strategy), road.clock.now()
        if state.away:
            road.narrator.say(f"{strategy}: '{road.environment.name}' {state.away}; nothing is started here")
            return
        if drain_is_over(seen, state, strategy, now) and (drain := state.of(strategy).drain):
            mine = of_strategy(seen, road.environment.name, strategy)
            left = sum(bot.says.open_trades for bot in mine if bot.says and bot.bundle == drain.bundle)
            road.record(Drained(road.environment.name, strategy, drain.bundle, left))
            state = road.state()
        if paused_by_hand(seen, state, strategy):
            told = "it was paused at the bot itself, or stopped on an error"
            road.record(EntriesStopped(road.environment.name, strategy, "somebody at the bot", told))
            state = road.state()
        plan = converge_one(seen, state, strategy, now, again=again)
        if plan is None:
            if is_over(seen, state, strategy) and road.homes.clear(strategy):
                told = "nothing of it runs any more; its homes and their secrets were removed, its database stays"
                road.narrator.say(f"{strategy}: {told}")
            return
        road.narrator.say(f"{strategy}: {plan.reason}")
        carry_out(plan, road, by)
