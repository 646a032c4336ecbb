"""The real things behind `freqtrain watch`."""

import os
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from pipeline.adapters.bot_homes import LEASE_FILE
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.decision_process import DecisionProcess
from pipeline.adapters.lease_file import LeaseFile
from pipeline.adapters.narrator_notifier import NarratorNotifier
from pipeline.adapters.observations.store import LONGEST_GAP, ObservationStore
from pipeline.adapters.own_program import own_program
from pipeline.adapters.watch_home import MEMORY, watch_lock
from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.domain.train.watching import soak_of
from pipeline.flows.watch_post import MISSED_LOOKS, Post
from pipeline.ports import Clock, Narrator
from pipeline.wiring.environments import following
from pipeline.wiring.observations import observations
from pipeline.wiring.road import caller, doubts, order_errors, road
from pipeline.wiring.watcher import INTERVAL_VARIABLE, INTERVALS, LOG_VARIABLE

__all__ = ["INTERVALS", "INTERVAL_VARIABLE", "post"]


def post(environment: str, home: Path, narrator: Narrator, interval_seconds: float) -> Post:
    """One environment's watch on this device."""
    here = replace(road(environment, home, narrator, starts=False), watcher=None)
    own = here.environment
    after = following(own.name, home)
    gap = max(LONGEST_GAP, timedelta(seconds=MISSED_LOOKS * interval_seconds))

    def observe() -> closing[ObservationStore]:
        return closing(ObservationStore(observations(home, own.name), here.clock, narrator, gap))

    return Post(
        here,
        LeaseFile(home / own.name / LEASE_FILE),
        WatchMemoryFile(home / own.name / MEMORY, narrator),
        doubts(home, own),
        NarratorNotifier(narrator),
        soak_of(own, after.boarding if after else None),
        interval_seconds,
        alone=partial(watch_lock(home, own.name, caller(), here.clock), "watch"),
        observe=observe,
        order_errors=order_errors(home, own),
        decider=_decider(own.name, home, here.clock),
        running_seconds=SystemClock().running_seconds,
    )


def _decider(environment: str, home: Path, clock: Clock) -> DecisionProcess:
    """This program once more, with all that it was given itself: it reads the same files, and is told to say what fails in plain words."""
    argv = own_program("decide", environment, "--json", "--home", str(home.resolve()))
    variables = {name: value for name, value in os.environ.items() if name != LOG_VARIABLE}
    return DecisionProcess(environment, argv, clock, variables, Path.cwd())
