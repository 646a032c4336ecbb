"""What runs beside what the ledger says should run, and who watches it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from pipeline.domain.bot import BotState
from pipeline.domain.bot_entry import CLOCK_SLACK_SECONDS
from pipeline.domain.doctor.commands import again, converge, hold, release, verb
from pipeline.domain.doctor.facts import Facts
from pipeline.domain.doctor.kinds import Disagreement, Kind
from pipeline.domain.train.converge import paused_by_hand
from pipeline.domain.train.sight import SeenBot
from pipeline.domain.train.state import EnvironmentState, Standing, StrategyState
from pipeline.domain.train.steps import short

BEGINS = timedelta(seconds=180)
"""How long a bot may take from its start until it answers."""

LEASE_SECONDS = 900.0
"""How old a lease may be where no home says it."""


def of_bots(facts: Facts) -> Iterator[Disagreement]:
    """Nothing is said of a strategy whose plan was not ended, because that comes first; nor while a verb is at work."""
    state = facts.state
    if state is None or facts.bots is None or facts.at_work:
        return
    for strategy in sorted({bot.bot.spec.strategy for bot in facts.bots} | set(state.strategies)):
        known, mine = state.of(strategy), [bot for bot in facts.bots if bot.bot.spec.strategy == strategy]
        if known.progress and known.progress.target:
            continue
        yield from _strays(state, known, mine)
        if known.standing and not state.away:
            own = next((bot for bot in mine if _is(bot, known.standing)), None)
            if own is None or not own.alive:
                yield _missing(state, strategy, known.standing, own)
            else:
                yield from _own(facts, state, known, own)


def of_watch(facts: Facts) -> Iterator[Disagreement]:
    """Somebody looks, and keeps the lease."""
    watch, name = facts.watch, facts.environment
    if watch.needed and not watch.by:
        yield Disagreement(Kind.WATCH_MISSING, f"watch of {name}", "nobody watches", converge(name))
    alive = [bot for bot in facts.bots or () if bot.alive]
    if not (facts.live and alive and watch.by):
        return
    if told := _lease(facts):
        yield Disagreement(
            Kind.LEASE_OLD, f"lease of {name}", f"it {told}, though {watch.by}", verb("watch", name, "--once")
        )


def _lease(facts: Facts) -> str:
    """What is wrong with the lease, by the rules by which bots refuse to enter; "" where nothing is."""
    at = facts.watch.lease_at
    if at is None:
        return "was never kept"
    age = (facts.now - at).total_seconds()
    if age < -CLOCK_SLACK_SECONDS:
        return f"was kept {-age:.0f} s in the future"
    return f"was last kept at {at:%Y-%m-%d %H:%M:%S} UTC" if age > _lease_seconds(facts) else ""


def _lease_seconds(facts: Facts) -> float:
    told = [one.settings.lease_seconds for one in facts.homes or () if one.settings and one.settings.lease_seconds]
    return min(told, default=LEASE_SECONDS)


def _strays(state: EnvironmentState, known: StrategyState, mine: Sequence[SeenBot]) -> Iterator[Disagreement]:
    name, away = state.environment, state.away
    for bot in mine:
        if not bot.alive or (known.standing and _is(bot, known.standing) and not away):
            continue
        told = f"it runs {short(bot.bundle)}, and "
        command = converge(name)
        if away:
            told, command = f"{told}the environment {away}", hold(name, known.strategy, "--exit")
        elif known.place < 0:
            told += f"the ledger knows nothing of '{known.strategy}'"
            command = hold(name, known.strategy, "--exit") if bot.held else command
        elif known.standing:
            told += f"{short(known.standing.bundle)} should, in slot {known.standing.slot}"
        else:
            told += "nothing of the strategy should run"
        yield Disagreement(Kind.BOT_STRAY, bot.bot.spec.name, told, command)


def _missing(state: EnvironmentState, strategy: str, standing: Standing, own: SeenBot | None) -> Disagreement:
    told = f"{short(standing.bundle)} should run in slot {standing.slot}, and "
    told += f"is down: {own.bot.reason or 'nobody knows why'}" if own else "no runtime holds it"
    if own is not None and own.gave_up:
        return Disagreement(Kind.BOT_GAVE_UP, strategy, told, converge(state.environment, "--again"))
    return Disagreement(Kind.BOT_MISSING, strategy, told, converge(state.environment))


def _own(facts: Facts, state: EnvironmentState, known: StrategyState, own: SeenBot) -> Iterator[Disagreement]:
    """The bot of what stands, by its own words."""
    name, about, says = state.environment, own.bot.spec.name, own.says
    if says is None:
        waited = facts.now - own.bot.since
        if own.bot.state is BotState.RUNNING and waited > BEGINS:
            told = f"it is up since {own.bot.since:%Y-%m-%d %H:%M} UTC, and does not answer as itself"
            yield Disagreement(Kind.BOT_SILENT, about, told, again(name, own.bundle))
        return
    if says.bundle != own.bundle:
        told = f"it was started as {short(own.bundle)}, and says that it is {short(says.bundle) or 'nothing'}"
        yield Disagreement(Kind.BOT_OTHER, about, told, converge(name))
        return
    holds = state.holds(known.strategy, own.bundle)
    if says.entries and holds:
        told = f"it may enter, and the ledger says: {'; '.join(map(str, holds))}"
        yield Disagreement(Kind.BOT_ENTERS, about, told, converge(name))
    elif says.halted or (not says.entries and not holds):
        by_hand = paused_by_hand((own,), state, known.strategy)
        told = "its loop is stopped: nobody manages its exits" if says.halted else "it enters nothing"
        told += "" if holds else ", and nothing in the ledger holds it"
        command = release(name, known.strategy) if by_hand and not holds else converge(name)
        yield Disagreement(Kind.BOT_PAUSED, about, told, command)


def _is(bot: SeenBot, standing: Standing) -> bool:
    return (bot.slot, bot.bundle) == (standing.slot, standing.bundle)
