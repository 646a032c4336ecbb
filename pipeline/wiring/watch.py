"""The real things behind `freqtrain watch`."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.adapters.bot_homes import LEASE_FILE
from pipeline.adapters.lease_file import LeaseFile
from pipeline.adapters.narrator_notifier import NarratorNotifier
from pipeline.adapters.watch_home import MEMORY, watch_lock
from pipeline.adapters.watch_memory import WatchMemoryFile
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.watching import soak_of
from pipeline.flows.watch_post import Post
from pipeline.ports import Narrator
from pipeline.wiring.environments import environment_files, examine_file
from pipeline.wiring.road import caller, doubts, road
from pipeline.wiring.watcher import INTERVAL_VARIABLE, INTERVALS

__all__ = ["INTERVALS", "INTERVAL_VARIABLE", "post"]


def post(environment: str, home: Path, narrator: Narrator, interval_seconds: float) -> Post:
    """One environment's watch on this device."""
    here = replace(road(environment, home, narrator, starts=False), watcher=None)
    own = here.environment
    following = next((one.boarding for one in _trading() if one.after == own.name), None)
    return Post(
        here,
        LeaseFile(home / own.name / LEASE_FILE),
        WatchMemoryFile(home / own.name / MEMORY, narrator),
        doubts(home, own),
        NarratorNotifier(narrator),
        soak_of(own, following),
        interval_seconds,
        alone=partial(watch_lock(home, own.name, caller(), here.clock), "watch"),
    )


def _trading() -> Iterator[TradingEnvironment]:
    """The environments of this repository in which bots run; one that is broken is `environment check`'s to tell."""
    for file in environment_files():
        examined = examine_file(file).environment
        if isinstance(examined, TradingEnvironment):
            yield examined
