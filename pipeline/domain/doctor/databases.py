"""Databases, what the account says beside them, and what was observed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.domain.doctor.commands import NTP, Mend, again, converge, hold, mend, on_files, release, verb
from pipeline.domain.doctor.facts import DatabaseFacts, Facts, OpenTradeFacts
from pipeline.domain.doctor.kinds import Disagreement, Kind
from pipeline.domain.doctor.ledger import AHEAD
from pipeline.domain.train.account import doubt
from pipeline.domain.train.state import HoldKind, StrategyState
from pipeline.domain.train.steps import short
from pipeline.domain.train.terms import BookedTrade, foreign, open_on_other_terms

SETTLES = timedelta(seconds=60)
"""An order that a bot has just sent may not be in its database yet, nor one that it has just heard of out of its doubt."""

SLACK = timedelta(minutes=10)
"""A bot is released shortly before its deployment is recorded, and goes on for a little while after its successor's began."""

TOLD = 5


def of_databases(facts: Facts) -> Iterator[Disagreement]:
    """Each strategy's database is there, sound, the strategy's own, and used by its own bot alone."""
    names = {bot.bot.spec.name for bot in facts.bots or () if bot.alive}
    for database in facts.databases:
        about, command = f"database of {database.strategy}", mend(facts.environment, Mend.DATABASE)
        if not database.exists:
            known = facts.state.of(database.strategy) if facts.state else StrategyState(database.strategy)
            if facts.state and known.standing and not facts.state.away:
                held = any(one.kind is HoldKind.DOUBT for one in known.holds)
                told = f"{database.path} is missing; {_copy(database)}"
                # Without a copy there is nothing to be done but to hold entries.
                command = converge(facts.environment) if held and not database.copy else command
                yield Disagreement(Kind.DATABASE_MISSING, about, told, command)
            continue
        if database.damage:
            told = f"{database.path} is damaged: {database.damage}; {_copy(database)}"
            yield Disagreement(Kind.DATABASE_DAMAGED, about, told, command)
        elif database.others:
            told = f"{database.path}: {'; '.join(database.others)}; {_copy(database)}"
            yield Disagreement(Kind.DATABASE_OTHER, about, told, command)
        strange = database.held_by if facts.bots is not None and database.held_by not in names else ""
        if database.busy or strange:
            told = f"{strange} has it, and no such bot runs here" if strange else "it stayed locked while it was read"
            lock = on_files("fuser --verbose", (database.path, f"{database.path}.lock"))
            yield Disagreement(Kind.DATABASE_LOCKED, about, told, lock)
        yield from _trades(facts, database)


def of_account(facts: Facts) -> Iterator[Disagreement]:
    """Orders and fills that no database explains, but for what a person has accepted, and doubts that bots left."""
    for strategy, found in sorted(facts.unexplained.items()):
        known = facts.state.of(strategy) if facts.state else StrategyState(strategy)
        orders = [order for order in found.orders if _counts(order.placed_at, known.accounted_at, facts.now)]
        fills = [fill for fill in found.fills if _counts(fill.at, known.accounted_at, facts.now)]
        if told := doubt(orders, fills):
            command = again(facts.environment, known.standing.bundle) if known.standing else ""
            if any(one.kind is HoldKind.DOUBT for one in known.holds) or not command:
                command = release(facts.environment, strategy)
            yield Disagreement(Kind.ACCOUNT_UNKNOWN, f"account of {strategy}", told, command)
    for strategy, said in sorted(facts.doubts.items()):
        if facts.now - said.since >= SETTLES:
            told = f"{said.told} (since {said.since:%Y-%m-%d %H:%M} UTC)"
            yield Disagreement(Kind.DOUBT, strategy, told, release(facts.environment, strategy))


def of_observations(facts: Facts) -> Iterator[Disagreement]:
    """What was observed can be read, was observed before now, and of bundles that ran."""
    seen, about = facts.observations, f"observations of {facts.environment}"
    if seen is None:
        return
    if seen.damage:
        command = mend(facts.environment, Mend.OBSERVATIONS)
        yield Disagreement(Kind.OBSERVATIONS_DAMAGED, about, f"they are damaged: {seen.damage}", command)
    if seen.last_at and seen.last_at - facts.now > AHEAD:
        told = f"the latest sample is {(seen.last_at - facts.now).total_seconds():.0f} s ahead of the clock"
        yield Disagreement(Kind.OBSERVATIONS_AHEAD, about, told, NTP)
    if facts.state is None:
        return
    ran = {(strategy, made.bundle) for strategy, known in facts.state.strategies.items() for made in known.deployments}
    strange = [f"{short(bundle)} ({strategy})" for strategy, bundle in seen.bundles if (strategy, bundle) not in ran]
    if strange:
        more = f" and {len(strange) - TOLD} more" if len(strange) > TOLD else ""
        told = f"the ledger never deployed {', '.join(strange[:TOLD])}{more}"
        yield Disagreement(Kind.OBSERVED_UNKNOWN, about, told, verb("log", facts.environment, "--verify"))


def _trades(facts: Facts, database: DatabaseFacts) -> Iterator[Disagreement]:
    if facts.state is None:
        return
    known = facts.state.of(database.strategy)
    if database.trades and not _managed(facts, known):
        told = f"{len(database.trades)} trades are open, and nothing of the strategy runs or should"
        command = verb("deploy", facts.environment, known.deployments[-1].bundle.removeprefix("sha256:")[:12])
        yield Disagreement(Kind.TRADES_LEFT, f"database of {database.strategy}", told, command)
    booked = [BookedTrade(one.pair, one.opened_at, one.terms) for one in database.trades if one.terms]
    if facts.terms and (others := foreign(booked, facts.terms)):
        told = f"{open_on_other_terms(others)}, and '{facts.environment}' trades {facts.terms} now"
        command = hold(facts.environment, database.strategy, "--exit")
        yield Disagreement(Kind.TRADES_FOREIGN, f"database of {database.strategy}", told, command)
    adopted = database.strategy in facts.adopted
    strange = [one for one in database.trades if not _stood(one, known, adopted)]
    if strange:
        told = ", ".join(f"{one.pair} since {one.opened_at:%Y-%m-%d %H:%M} UTC" for one in strange[:TOLD])
        more = f" and {len(strange) - TOLD} more" if len(strange) > TOLD else ""
        yield Disagreement(
            Kind.TRADES_UNKNOWN,
            f"database of {database.strategy}",
            f"open, and opened when no bundle of the ledger's ran: {told}{more}",
            _against_trades(facts, known),
        )


def _against_trades(facts: Facts, known: StrategyState) -> str:
    """Hold the strategy's entries first; where they are held, sell. What the ledger does not know cannot be stopped by it."""
    if facts.state is None or known.place < 0:
        return verb("log", facts.environment, "--verify")
    bundle = known.standing.bundle if known.standing else ""
    held = ("--exit",) if facts.state.holds(known.strategy, bundle) else ()
    return hold(facts.environment, known.strategy, *held)


def _managed(facts: Facts, known: StrategyState) -> bool:
    """Whether somebody manages the strategy's exits, or should; where the money is simulated, or gone to another device, nobody has to."""
    if not facts.live or facts.bots is None or (facts.state and facts.state.away) or not known.deployments:
        return True
    runs = any(bot.alive and bot.bot.spec.strategy == known.strategy for bot in facts.bots)
    return bool(runs or known.standing or known.progress)


def _stood(trade: OpenTradeFacts, known: StrategyState, adopted: bool) -> bool:
    """Whether a bundle that the ledger deployed may have opened it."""
    at = trade.opened_at
    if known.progress and known.progress.target and at >= known.progress.since_at - SLACK:
        return True
    if adopted and known.deployments and at < known.deployments[0].since_at:
        return True
    return any(
        made.since_at - SLACK <= at and (made.until_at is None or at <= made.until_at + SLACK)
        for made in known.deployments
    )


def _counts(at: datetime, accepted_at: datetime | None, now: datetime) -> bool:
    return now - at >= SETTLES and (accepted_at is None or at > accepted_at)


def _copy(database: DatabaseFacts) -> str:
    return f"the newest copy is {database.copy}" if database.copy else "there is no copy of it"
