"""The real things behind `freqtrain watch`."""

import os
from contextlib import closing
from dataclasses import asdict, replace
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
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.watching import soak_of
from pipeline.flows.watch_post import MISSED_LOOKS, Post
from pipeline.ports import Clock, Narrator
from pipeline.wiring.environments import following
from pipeline.wiring.observations import observations
from pipeline.wiring.road import caller, doubts, road
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
        decider=_decider(own, home, here.clock),
        running_seconds=SystemClock().running_seconds,
    )


def _decider(own: TradingEnvironment, home: Path, clock: Clock) -> DecisionProcess:
    """This program once more, with all that it was given itself but secrets, so that it reads the same files; it says in plain words what fails."""
    argv = own_program("decide", own.name, "--json", "--home", str(home.resolve()))
    names = [own.secrets, *(keys.instead_of(own.secrets) for keys in own.own_keys)]
    kept_back = {text for one in names for text in asdict(one).values()} | {LOG_VARIABLE}
    variables = {name: value for name, value in os.environ.items() if name not in kept_back}
    return DecisionProcess(own.name, argv, clock, variables, Path.cwd())
