"""What `doctor --mend` would do: tasks from the same facts by which disagreements are found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.doctor.commands import Mend
from pipeline.domain.doctor.databases import of_databases, of_observations
from pipeline.domain.doctor.facts import DatabaseFacts, Facts
from pipeline.domain.doctor.kinds import Kind
from pipeline.domain.doctor.ledger import of_ledger
from pipeline.domain.doctor.store import of_leftovers, old_leftovers

MENDS: Mapping[Kind, Mend] = {
    Kind.LEDGER_HEAD: Mend.LEDGER_HEAD,
    Kind.DATABASE_MISSING: Mend.DATABASE,
    Kind.DATABASE_DAMAGED: Mend.DATABASE,
    Kind.DATABASE_OTHER: Mend.DATABASE,
    Kind.OBSERVATIONS_DAMAGED: Mend.OBSERVATIONS,
    Kind.LEFTOVERS: Mend.LEFTOVERS,
}
"""The kinds of disagreement that no other verb mends."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that is mended: why, and in words what is done; `strategy` is whose database it is, `paths` what is cleared away."""

    what: Mend
    reason: str
    told: str
    strategy: str = ""
    paths: tuple[str, ...] = ()
    refused: str = ""
    """Why it must not be done now; empty where it may."""


def tasks(what: Mend, facts: Facts) -> tuple[Task, ...]:
    """Everything of that kind; none where nothing is wrong with it."""
    return tuple(_TASKS[what](facts))


def _head(facts: Facts) -> Iterator[Task]:
    for one in of_ledger(facts):
        if one.kind is Kind.LEDGER_HEAD:
            told = "copy the head file that is there, if there is one, and write it anew from the ledger's lines"
            yield Task(Mend.LEDGER_HEAD, one.found, told)


def _databases(facts: Facts) -> Iterator[Task]:
    for database in facts.databases:
        strategy = database.strategy
        ill = [
            one for one in of_databases(replace(facts, databases=(database,))) if MENDS.get(one.kind) is Mend.DATABASE
        ]
        up = [bot.bot.spec.name for bot in facts.bots or () if bot.alive and bot.bot.spec.strategy == strategy]
        for one in ill:
            told = f"hold the entries of {strategy}"
            told += f"; end {' and '.join(up)} in order" if up else ""
            told += "; set the database aside, and put the newest sound copy in its place"
            yield Task(Mend.DATABASE, one.found, told, strategy, refused=_used(facts, database, up))


def _used(facts: Facts, database: DatabaseFacts, up: Sequence[str]) -> str:
    if facts.bots is None:
        return "which bots run cannot be seen"
    strange = database.held_by if database.held_by not in up else ""
    return f"{database.path} is in use by {strange}" if strange else ""


def _observations(facts: Facts) -> Iterator[Task]:
    for one in of_observations(facts):
        if one.kind is Kind.OBSERVATIONS_DAMAGED:
            yield Task(Mend.OBSERVATIONS, one.found, "set them aside; the watch begins them anew")


def _leftovers(facts: Facts) -> Iterator[Task]:
    for one in of_leftovers(facts):
        told = "set them aside; remove those that may hold secrets"
        yield Task(Mend.LEFTOVERS, one.found, told, paths=old_leftovers(facts))


_TASKS = {
    Mend.LEDGER_HEAD: _head,
    Mend.DATABASE: _databases,
    Mend.OBSERVATIONS: _observations,
    Mend.LEFTOVERS: _leftovers,
}
