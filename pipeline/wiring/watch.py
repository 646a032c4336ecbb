"""The real things behind `freqtrain watch`."""

import os
from contextlib import closing
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from pipeline.adapters.bot_homes import LEASE_FILE
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.comparison_process import ComparisonProcess
from pipeline.adapters.decision_process import DecisionProcess
from pipeline.adapters.lease_file import LeaseFile
from pipeline.adapters.narrator_notifier import NarratorNotifier
from pipeline.adapters.observations.store import LONGEST_GAP, ObservationStore
from pipeline.adapters.one_heap import keep_one_heap
from pipeline.adapters.own_program import own_program
from pipeline.adapters.watch_home import MEMORY, watch_lock
from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.watching import soak_of
from pipeline.flows.watch_post import MISSED_LOOKS, PATIENCE_SECONDS, Post
from pipeline.ports import Narrator
from pipeline.wiring.environments import following
from pipeline.wiring.notices import chat, sender
from pipeline.wiring.observations import observations, past
from pipeline.wiring.road import caller, doubts, order_errors, road
from pipeline.wiring.watcher import INTERVAL_VARIABLE, INTERVALS, LOG_VARIABLE

__all__ = ["INTERVALS", "INTERVAL_VARIABLE", "post"]


def post(environment: str, home: Path, narrator: Narrator, interval_seconds: float, *, listens: bool = False) -> Post:
    """One environment's watch on this device; with `listens`, it hears what is asked from the chat, where the environment allows that."""
    keep_one_heap()
    here = replace(road(environment, home, narrator, starts=False), watcher=None)
    own = here.environment
    after = following(own.name, home)
    gap = max(LONGEST_GAP, timedelta(seconds=MISSED_LOOKS * interval_seconds))

    def observe() -> closing[ObservationStore]:
        return closing(ObservationStore(observations(home, own.name), here.clock, narrator, gap))

    tells = sender(own.name, home, here.clock, narrator)
    if listens and own.chat_control:
        chat(tells, lambda: replace(road(environment, home, narrator, starts=False), watcher=None)).start()
    return Post(
        here,
        LeaseFile(home / own.name / LEASE_FILE),
        WatchMemoryFile(home / own.name / MEMORY, narrator),
        doubts(home, own),
        NarratorNotifier(narrator),
        soak_of(own, after.boarding if after else None),
        interval_seconds,
        patience_seconds=PATIENCE_SECONDS,
        alone=partial(watch_lock(home, own.name, caller(), here.clock), "watch"),
        observe=observe,
        order_errors=order_errors(home, own),
        decider=DecisionProcess(own.name, _own("decide", own.name, home), here.clock, _variables(own), Path.cwd()),
        comparer=ComparisonProcess(
            own.name, _own("reconcile", own.name, home), here.clock, _variables(own), Path.cwd()
        ),
        running_seconds=SystemClock().running_seconds,
        past=partial(past, home, own.name),
        notices=tells,
    )


def _own(verb: str, environment: str, home: Path) -> tuple[str, ...]:
    """This program once more: it reads the same files."""
    return tuple(own_program(verb, environment, "--json", "--home", str(home.resolve())))


def _variables(own: TradingEnvironment) -> dict[str, str]:
    """All that it was given itself but secrets, which lie in homes; and it is to say in plain words what fails."""
    names = [own.secrets, *(keys.instead_of(own.secrets) for keys in own.own_keys)]
    kept_back = {text for one in names for text in asdict(one).values()} | {LOG_VARIABLE}
    return {name: value for name, value in os.environ.items() if name not in kept_back}
