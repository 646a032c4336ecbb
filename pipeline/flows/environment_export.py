"""`freqtrain environment export`: an environment leaves this device in one file, and nothing of it is started here any more."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.bot import BotState
from pipeline.domain.train.decisions import Arrived, Moved, Moving
from pipeline.errors import FreqtrainError, Refused, UsageError
from pipeline.flows.attend import attend
from pipeline.flows.handover import stop_safely
from pipeline.flows.road import AWAY_HINT, Road
from pipeline.ports import Packing

HELD = "its environment is about to be moved to another device"


@dataclass(frozen=True, slots=True)
class Exported:
    """What left: the archive's digest, how many files it holds, and the strategies that go on elsewhere."""

    archive: str
    files: int
    strategies: tuple[str, ...]


def export(road: Road, packing: Packing, out: Path, by: str, *, stop: bool = False, again: bool = False) -> Exported:
    """Pack the environment into `out`. From the ledger's `moving` on no verb starts anything of it here, `converge` after a reboot included.

    An error takes that back (`arrived`, without an archive), and `converge` starts what was stopped. A caller that is killed leaves `moving`; then
    nothing runs until it is called again.

    Args:
        stop: end its bots and its watch first, in order: each finishes its loop. Positions stay open, and nobody looks after them until it arrives.
        again: also where it left before, because that archive is lost.

    Raises:
        UsageError: something is at `out` already, or nothing was ever deployed there.
        Refused: something of it still runs, a deployment was interrupted, or it left before.
        Locked: another verb is at work there.
        ToolFailed: the disk, or a bot does not end.
    """
    packing.free(out)
    with road.locked("environment export"):
        _demand_ready(road, stop=stop, again=again)
        name, state = road.environment.name, road.state()
        before = state.away
        road.record(Moving(name, by))
        try:
            if stop:
                _stop(road)
            if left := _running(road):
                raise Refused(f"{', '.join(left)} still runs", hint="end it, and call it again")
            standing = {one.strategy: one.standing.bundle for one in state.strategies.values() if one.standing}
            archive, files = packing.pack(out, frozenset(standing.values()))
        except (FreqtrainError, KeyboardInterrupt):
            road.record(Moved(name, by, before.archive) if before and before.archive else Arrived(name, by))
            road.narrator.say(f"'{name}' was not moved; `freqtrain converge {name}` starts what should run")
            raise
        road.record(Moved(name, by, archive))
        packing.hand_over(out)
        return Exported(archive, files, tuple(sorted(standing)))


def _demand_ready(road: Road, *, stop: bool, again: bool) -> None:
    state, name = road.state(), road.environment.name
    if not state.strategies:
        raise UsageError(f"nothing was ever deployed to '{name}' here", hint="there is nothing to move")
    if state.away and state.away.archive and not again:
        raise Refused(
            f"'{name}' {state.away}", hint=f"{AWAY_HINT}, with --again, where that archive is lost and runs nowhere"
        )
    if half := [one.strategy for one in state.strategies.values() if one.progress and one.progress.target]:
        raise Refused(
            f"a deployment of {', '.join(sorted(half))} was interrupted", hint=f"`freqtrain converge {name}` ends it"
        )
    if (running := _running(road)) and not stop:
        raise Refused(
            f"{', '.join(running)} still runs",
            hint="with --stop they finish their loops and end; their positions stay open, and nobody looks after them until the import",
        )


def _running(road: Road) -> list[str]:
    """Names of bots and watches that are up; a watch that a person runs is one."""
    name = road.environment.name
    bots = [b.spec.name for b in road.runtime.running() if b.spec.environment == name and b.state is not BotState.DOWN]
    if road.watcher is None:
        return bots
    watch = road.watcher.of(name)
    told = road.watcher.home.watched_by()
    if watch is not None and watch.state is not BotState.DOWN:
        return [*bots, f"the watch of '{name}'"]
    return [*bots, told] if told else bots


def _stop(road: Road) -> None:
    """The watch last: it looks on while bots end, and as long as one is up it would be started again."""
    for bot in road.runtime.running():
        if bot.spec.environment == road.environment.name and bot.state is not BotState.DOWN:
            road.narrator.say(f"{bot.spec.strategy}: ends after its loop")
            road.homes.hold(bot.spec, HELD)
            stop_safely(bot.spec, road)
    attend(road)
