"""What each step of a plan does on the device. Every step may be repeated: whoever finds it half done does it again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import BotIdentity, Trading
from pipeline.domain.train.plan import Plan
from pipeline.domain.train.proof import Proof, missing
from pipeline.domain.train.steps import Step, StepKind
from pipeline.errors import Refused, ToolFailed
from pipeline.flows import books
from pipeline.flows.handover import await_ready, held_since, stop_safely
from pipeline.flows.reconcile import reconcile
from pipeline.flows.report_open_trades import report_open_trades
from pipeline.flows.road import LOOK_SECONDS, Road

HELD_UNTIL_PROVED = "it was started and is not proved yet"
HELD_FOR_SWAP = "another bundle takes over"
LOG_LINES = 5000
"""Of what a bot printed, these outlive it."""

PROOF_LOOK_SECONDS = 0.25
"""Between two looks at a bot that is being proved: what it tells then costs it next to nothing."""


@dataclass(slots=True)
class Carried:
    """What later steps of one plan need of earlier ones."""

    plan: Plan
    adopt_from: Path | None = None
    started_at: dict[str, datetime] = field(default_factory=dict)
    """Slot -> when its bot was started by this plan."""
    last_loop_at: datetime | None = None
    """The last loop of the bot that was stopped."""
    down_seconds: float = -1.0
    released: bool = True
    """False once a hold kept a bot from being released."""


def do(step: Step, carried: Carried, road: Road) -> str:
    """Do one step; returns a note for the ledger, or "".

    Raises:
        FreqtrainError: it could not be done; the message says why.
    """
    return _DO[step.kind](step, carried, road)


def spec_of(step: Step, carried: Carried, road: Road) -> BotSpec:
    """The bot that a step concerns: as it runs, else as it would be started."""
    strategy = carried.plan.strategy
    for bot in road.runtime.running():
        same = (bot.spec.environment, bot.spec.strategy) == (road.environment.name, strategy)
        if same and bot.spec.name.endswith(f"-{step.slot}") and bot.spec.bundle == step.bundle:
            return bot.spec
    return road.homes.spec(strategy, step.slot, step.bundle, road.state().place_of(strategy))


def _preflight(_step: Step, carried: Carried, road: Road) -> str:
    goal = carried.plan.goal
    spec = road.homes.spec(carried.plan.strategy, goal.slot, goal.bundle, _place(carried, road))
    if note := books.stays(carried.plan, spec, road):
        return f"what a new home would need was not looked at, because {note}"
    if problems := (*road.preflight(spec), *books.against(carried.plan, spec, road)):
        raise Refused("\n".join(["the preflight says no:", *(f"  {problem}" for problem in problems)]))
    return ""


def _place(carried: Carried, road: Road) -> int:
    return road.state().place_of(carried.plan.strategy)


def _report(_step: Step, carried: Carried, road: Road) -> str:
    lines = report_open_trades(carried.plan, road)
    for line in lines:
        road.narrator.say(f"{carried.plan.strategy}: {line}")
    return "; ".join(lines)


def _prepare(step: Step, carried: Carried, road: Road) -> str:
    spec = road.homes.spec(carried.plan.strategy, step.slot, step.bundle, _place(carried, road))
    if note := books.stays(carried.plan, spec, road):
        road.homes.hold(spec, HELD_UNTIL_PROVED)
        return note
    return road.homes.prepare(spec, road.bundles.get(step.bundle), HELD_UNTIL_PROVED)


def _stop_entries(step: Step, carried: Carried, road: Road) -> str:
    spec = spec_of(step, carried, road)
    road.homes.hold(spec, HELD_FOR_SWAP)
    try:
        road.homes.bot(spec).stop_entries()
    except ToolFailed as error:
        return f"it does not answer ({error.message}); its home says so, and it reads that before every entry"
    return ""


def _exit_trades(step: Step, carried: Carried, road: Road) -> str:
    bot = road.homes.bot(spec_of(step, carried, road))
    open_now = len(bot.open_trades())
    if open_now:
        bot.force_exit()
        _until(road, road.exit_seconds, lambda: not bot.open_trades(), "positions are still open")
    return f"{open_now} positions were sold"


def _copy_database(_step: Step, carried: Carried, road: Road) -> str:
    return road.databases.copy(carried.plan.strategy)


def _adopt_database(_step: Step, carried: Carried, road: Road) -> str:
    if road.databases.exists(carried.plan.strategy):
        return "it was taken over before"
    if carried.adopt_from is None:
        raise Refused("there is no database to take over", hint="name it with --adopt-database")
    road.databases.adopt(carried.plan.strategy, carried.adopt_from)
    return str(carried.adopt_from.name)


def _stop_safely(step: Step, carried: Carried, road: Road) -> str:
    stopped = stop_safely(spec_of(step, carried, road), road)
    carried.last_loop_at = stopped.last_loop_at
    return stopped.note


def _start_paused(step: Step, carried: Carried, road: Road) -> str:
    spec = road.homes.spec(carried.plan.strategy, step.slot, step.bundle, _place(carried, road))
    books.demand_startable(carried.plan, spec, road)
    road.homes.hold(spec, HELD_UNTIL_PROVED)
    carried.started_at[step.slot] = road.clock.now()
    road.runtime.start(spec)
    await_ready(spec, road)
    return ""


def _prove(step: Step, carried: Carried, road: Road) -> str:
    """Its own words, about a loop that is newer than its start, while the runtime still holds the same process."""
    spec = spec_of(step, carried, road)
    since = carried.started_at.get(step.slot, held_since(spec, road))
    wanted = Proof(spec.name, step.bundle, road.environment.dry_run, since)
    until = road.clock.now() + timedelta(seconds=road.proof_seconds)
    while True:
        held_since(spec, road)
        lacks, loop = _lacks(road, spec, wanted)
        if not lacks:
            if carried.last_loop_at is not None and loop is not None:
                carried.down_seconds = max(0.0, (loop - carried.last_loop_at).total_seconds())
            return f"looped at {loop:%Y-%m-%d %H:%M:%S} UTC" if loop else ""
        if road.clock.now() >= until:
            raise ToolFailed(
                f"it was not proved healthy within {road.proof_seconds:g} s: {'; '.join(lacks)}",
                hint=f"its last words:\n{road.runtime.logs(spec.name, 20)}",
            )
        road.clock.sleep(PROOF_LOOK_SECONDS)


def _lacks(road: Road, spec: BotSpec, wanted: Proof) -> tuple[tuple[str, ...], datetime | None]:
    try:
        bot = road.homes.bot(spec)
        identity: BotIdentity = bot.identity()
        loop = bot.health().last_loop_at
    except ToolFailed as error:
        return (error.message,), None
    return missing(wanted, identity, loop), loop


def _reconcile(step: Step, carried: Carried, road: Road) -> str:
    spec = spec_of(step, carried, road)
    if told := books.unfit(carried.plan.strategy, spec, road):
        road.narrator.say(f"{carried.plan.strategy}: {told}")
        return books.doubted(carried.plan.strategy, told, road)
    return reconcile(carried.plan.strategy, spec, road)


def _release(step: Step, carried: Carried, road: Road) -> str:
    """Whatever holds entries by now holds them. The ledger is read again afterwards: `stop` waits for no lock, and may have come between."""
    spec = spec_of(step, carried, road)
    if told := _holds(step, carried, road):
        carried.released = False
        road.homes.hold(spec, told)
        return f"not released: {told}"
    road.homes.unhold(spec)
    bot = road.homes.bot(spec)
    bot.start()
    if told := _holds(step, carried, road):
        carried.released = False
        road.homes.hold(spec, told)
        bot.stop_entries()
        return f"held again: {told}"
    _until(road, road.proof_seconds, lambda: bot.identity().state is Trading.RUNNING, "it does not go on")
    return ""


def _holds(step: Step, carried: Carried, road: Road) -> str:
    return "; ".join(str(hold) for hold in road.state().holds(carried.plan.strategy, step.bundle))


def _forget(step: Step, carried: Carried, road: Road) -> str:
    spec, note = spec_of(step, carried, road), ""
    try:
        if printed := road.runtime.logs(spec.name, LOG_LINES):
            road.homes.keep_log(spec, printed)
    except ToolFailed as error:
        note = error.message
    road.runtime.remove(spec.name)
    return note


def _until(road: Road, seconds: float, done: Callable[[], bool], otherwise: str) -> None:
    until = road.clock.now() + timedelta(seconds=seconds)
    while not done():
        if road.clock.now() >= until:
            raise ToolFailed(f"{otherwise} after {seconds:g} s")
        road.clock.sleep(LOOK_SECONDS)


_DO: Mapping[StepKind, Callable[[Step, Carried, Road], str]] = {
    StepKind.PREFLIGHT: _preflight,
    StepKind.REPORT_OPEN_TRADES: _report,
    StepKind.PREPARE: _prepare,
    StepKind.ADOPT_DATABASE: _adopt_database,
    StepKind.STOP_ENTRIES: _stop_entries,
    StepKind.EXIT_TRADES: _exit_trades,
    StepKind.COPY_DATABASE: _copy_database,
    StepKind.STOP_SAFELY: _stop_safely,
    StepKind.START_PAUSED: _start_paused,
    StepKind.PROVE: _prove,
    StepKind.RECONCILE: _reconcile,
    StepKind.RELEASE: _release,
    StepKind.FORGET: _forget,
}
