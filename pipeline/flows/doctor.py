"""`freqtrain doctor`: what disagrees between ledger, store, homes, databases, bots, account and observations; and what of it is mended here."""

from collections.abc import Callable
from functools import partial

from pipeline.domain.doctor.commands import Mend, converge
from pipeline.domain.doctor.examine import examine
from pipeline.domain.doctor.facts import Facts
from pipeline.domain.doctor.kinds import Diagnosis
from pipeline.domain.doctor.mending import Task, tasks
from pipeline.domain.train.decisions import Doubted, Mended
from pipeline.errors import FreqtrainError, Refused
from pipeline.flows.doctor_gather import Practice, gather
from pipeline.ports.doctor import DiskMends


def diagnose(practice: Practice) -> Diagnosis:
    """Look at everything, and say what disagrees. Nothing is changed."""
    return examine(gather(practice))


def planned(what: Mend, practice: Practice) -> tuple[Task, ...]:
    """What `mend` would do now."""
    return tasks(what, gather(practice))


def mend(what: Mend, practice: Practice, disk: DiskMends, by: str) -> tuple[str, ...]:
    """Do it, while no other verb is at work, and say what was done. What is taken away is set aside; the ledger keeps that it was mended.

    Raises:
        Locked: another verb is at work in the environment.
        Refused: there is nothing of the kind to mend, or it must not be mended while something uses it.
        ToolFailed: the disk.
    """
    road = practice.road
    with road.locked(f"doctor --mend {what.value}"):
        facts = gather(practice)
        found = tasks(what, facts)
        if not found:
            raise Refused(f"there is nothing to mend of '{what.value}' in '{road.environment.name}'")
        if against := [task.refused for task in found if task.refused]:
            raise Refused(
                "\n".join(against), hint="nothing was changed; `freqtrain doctor` tells what to do about that first"
            )
        return tuple(_one(task, practice, disk, facts, by) for task in found)


def _one(task: Task, practice: Practice, disk: DiskMends, facts: Facts, by: str) -> str:
    road = practice.road
    if task.what is Mend.DATABASE:
        _hold(task, practice, facts)
    do: dict[Mend, Callable[[], str]] = {
        Mend.LEDGER_HEAD: disk.rebuild_head,
        Mend.DATABASE: partial(disk.replace_database, task.strategy),
        Mend.OBSERVATIONS: disk.set_observations_aside,
        Mend.LEFTOVERS: partial(disk.clear_leftovers, task.paths),
    }
    done = do[task.what]()
    mended = Mended(road.environment.name, task.what.value, by, done)
    try:
        road.record(mended)
    except FreqtrainError as error:
        road.narrator.say(f"it was done, and is not in the ledger: {error.message}")
    if task.what is Mend.DATABASE:
        then = f"`{converge(road.environment.name, '--again')}` starts its bot, and compares the account"
        road.narrator.say(f"the entries of {task.strategy} are held until a person releases them; {then}")
    return done


def _hold(task: Task, practice: Practice, facts: Facts) -> None:
    """First the ledger, so that whatever starts the bot from now on starts it held; then its bot is held, and ended in order.

    Who begins with another database knows nothing of the orders since: only a person may release it.
    """
    road = practice.road
    reason = f"its database is replaced: {task.reason}"
    road.record(Doubted(road.environment.name, task.strategy, reason))
    for bot in facts.bots or ():
        if bot.alive and bot.bot.spec.strategy == task.strategy:
            road.homes.hold(bot.bot.spec, reason)
            road.narrator.say(f"{bot.bot.spec.name}: ending it in order")
            road.runtime.stop(bot.bot.spec.name, bot.bot.spec.stop_seconds)
