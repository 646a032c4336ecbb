"""Somebody watches an environment for as long as something of it runs or should run: every verb that moves bots sees to that."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from pipeline.domain.bot import BotState
from pipeline.domain.watch_process import RunningWatch
from pipeline.errors import FreqtrainError, Refused, ToolFailed
from pipeline.flows.road import Road, Watcher

BEGINS_SECONDS = 60.0
"""How long a watch may take until it watches: it imports, and reads the environment."""

LOOK_SECONDS = 0.2


@contextmanager
def attended(road: Road) -> Iterator[None]:
    """Attend to the watch after what is done inside, whatever came of it; the lock of the environment is the caller's.

    Raises:
        ToolFailed: what was done worked, and nobody watches it; otherwise that is only told.
    """
    try:
        yield
    except Exception:
        try:
            attend(road)
        except FreqtrainError as error:
            road.narrator.say(error.message)
        raise
    attend(road)


def attend(road: Road) -> None:
    """Start the environment's watch where something runs or should run, anew where it reads something else by now; otherwise end it.

    One that a person runs is left alone. Returns when somebody watches.

    Raises:
        ToolFailed: it could not be started, or did not begin to watch; the message ends with its last words.
    """
    if road.watcher is None:
        return
    environment, watcher = road.environment.name, road.watcher
    found = watcher.of(environment)
    up = found is not None and found.state is not BotState.DOWN
    if not needed(road):
        if found is not None and up:
            watcher.watches.stop(environment, found.spec.stop_seconds)
            road.narrator.say(f"nothing runs in '{environment}' any more, and its watch was ended")
        return
    wanted = watcher.home.prepare()
    if found is not None and up:
        if found.spec == wanted:
            return
        watcher.watches.stop(environment, found.spec.stop_seconds)
        road.narrator.say(f"the watch of '{environment}' begins anew, because what it reads has changed")
    elif told := watcher.home.watched_by():
        road.narrator.say(f"'{environment}' is watched: {told}")
        return
    watcher.watches.start(wanted)
    _begun(road, watcher)


def needed(road: Road) -> bool:
    """Whether a bot is up, or should be; a ledger that cannot be read hides none that is."""
    if any(b.state is not BotState.DOWN for b in road.runtime.running() if b.spec.environment == road.environment.name):
        return True
    try:
        state = road.state()
    except Refused as error:
        road.narrator.say(error.message)
        return False
    known = () if state.away else state.strategies.values()
    return any(one.standing or (one.progress and one.progress.target) for one in known)


def _begun(road: Road, watcher: Watcher) -> None:
    environment = road.environment.name
    until = road.clock.now() + timedelta(seconds=BEGINS_SECONDS)
    while not watcher.home.watched_by():
        found = watcher.of(environment)
        if found is None or found.state is BotState.DOWN or found.restarts or road.clock.now() >= until:
            raise ToolFailed(
                f"nobody watches '{environment}', so its live bots enter nothing: {_why(found)}",
                hint=f"its last words:\n{watcher.watches.logs(environment, 5)}",
            )
        road.clock.sleep(LOOK_SECONDS)


def _why(found: RunningWatch | None) -> str:
    if found is None:
        return "its watch is gone"
    return found.reason or f"its watch did not begin within {BEGINS_SECONDS:g} s"
