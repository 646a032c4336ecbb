"""The real things behind `freqtrain gate --plan` and `--join`: the checkout and the data set; no strategy is run."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pipeline.adapters import pins, strategies
from pipeline.adapters.files import write_whole
from pipeline.adapters.shard_folders import read_shards
from pipeline.config.environment import LoadedEnvironment, load_environment
from pipeline.domain.environment import EMBEDDED
from pipeline.domain.gate_account import FILE
from pipeline.domain.joining import Ended, Joined
from pipeline.domain.shards import GatePlan
from pipeline.flows.gate_join import gate_join
from pipeline.flows.gate_plan import gate_plan
from pipeline.flows.gate_select import Entrant, Wish, entrants
from pipeline.ports import Narrator
from pipeline.render.evidence_json import to_text
from pipeline.render.gate_join import joined_document
from pipeline.wiring.environments import environment_file
from pipeline.wiring.gate import candles_of, change_of, load_candidate


def plan(wish: Wish, environment: str, most_shards: int, dataset: Path | None) -> GatePlan:
    """What a gate will judge, and in which shards."""
    with _chosen(wish, environment) as (loaded, found):
        embedded = dataset is None and loaded.environment.dataset.digest == EMBEDDED
        return gate_plan(found, most_shards, simulated=embedded)


def joined(
    wish: Wish,
    environment: str,
    dataset: Path | None,
    user_data: Path,
    delivered: Path,
    ended: Ended,
    narrator: Narrator,
) -> Joined:
    """One verdict from what the shards left."""
    with _chosen(wish, environment) as (loaded, found):
        manifest = candles_of(loaded, dataset, user_data, narrator).manifest
        return gate_join(found, read_shards(delivered), ended, loaded.environment, manifest, pins.engine_identity())


def leave(joined: Joined, out: Path) -> None:
    """The one verdict as data, for whoever tells of it elsewhere: `<out>/joined.json`."""
    write_whole(out / FILE, to_text(joined_document(joined)))


@contextmanager
def _chosen(wish: Wish, environment: str) -> Iterator[tuple[LoadedEnvironment, tuple[Entrant, ...]]]:
    loaded = load_environment(environment_file(environment), os.environ)
    loads = partial(load_candidate, loaded.environment.policy), partial(load_candidate, None)
    with tempfile.TemporaryDirectory(prefix="freqtrain-plan-") as scratch:
        yield loaded, entrants(wish, strategies.find(wish.strategies), *loads, change_of(wish), Path(scratch))
