"""The real things behind `freqtrain cut`: freqtrade in its sandbox, git, the data set, the store."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.adapters import git, pins, strategies
from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.evidence_file import FILE, LARGEST_BYTES, read_folder
from pipeline.adapters.files import write_whole
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.manifest_text import manifest_text
from pipeline.config.environment import load_environment
from pipeline.config.environment_leaves import leaves
from pipeline.domain.bundle_manifest import Cuts
from pipeline.domain.joining import Ended
from pipeline.domain.provenance import manifest_name
from pipeline.domain.selection import judges_files
from pipeline.domain.strategy import Candidate
from pipeline.errors import ConfigError, FreqtrainError, Refused, UsageError
from pipeline.flows.cut import CutTools
from pipeline.flows.cut import cut as flow
from pipeline.flows.cut_joined import cut_joined
from pipeline.flows.cut_prepare import Checkout, CutGround, CutWish
from pipeline.flows.gate_select import Wish
from pipeline.ports import Narrator
from pipeline.wiring.bundle import bundles
from pipeline.wiring.environment_files import environment_file
from pipeline.wiring.gate import candles_of, load_candidate, sandbox_for
from pipeline.wiring.gate_shards import joined

HARMLESS = ("history", "dry_run")
"""The modes in which no real money is at stake; one that a variable fills in may be any."""

LARGEST_ENVIRONMENT = 2**20


@dataclass(frozen=True, slots=True)
class Where:
    """What is cut, held against what, and where it goes: `dataset` is None for the one that the environment names; `out` gets copies."""

    environment: str
    strategies: Path
    dataset: Path | None
    user_data: Path
    home: Path
    ledger: Path | None = None
    out: Path | None = None
    require_sandbox: bool = False


def cut(wish: CutWish, evidence: Path, where: Where, narrator: Narrator) -> Cuts:
    """Cut bundles into the store of a device's home, on what a gate left in a folder.

    Raises:
        Refused: the home lies inside the repository, where a clean would take the bundles with it.
    """
    records = read_folder(evidence, wish.ids)
    places = {id: evidence / id / FILE for id in records}
    with _workshop(where, narrator) as (ground, tools):
        cuts = flow(wish, records, _named(places), ground, tools)
    _leave(cuts, places, where.out)
    return cuts


def cut_delivered(wish: CutWish, folder: Path, since: str, where: Where, narrator: Narrator) -> Cuts:
    """The same for what passed of that which shards left in a folder, when they judged what changed since a commit ("": everything)."""
    planned = Wish(where.strategies, since=since)
    found = joined(planned, where.environment, where.dataset, where.user_data, folder, Ended(), narrator)
    held = (one.strategy for one in found.verdicts if one.record is not None)
    places = {id: next(folder.glob(f"*/{id}/{FILE}")) for id in held}
    with _workshop(where, narrator) as (ground, tools):
        cuts = cut_joined(wish, found, _named(places), ground, tools)
    _leave(cuts, places, where.out)
    return cuts


@contextmanager
def _workshop(where: Where, narrator: Narrator) -> Iterator[tuple[CutGround, CutTools]]:
    """What a cut is held against, and what it works with."""
    file = environment_file(where.environment)
    loaded = load_environment(file, os.environ)
    with tempfile.TemporaryDirectory(prefix="freqtrain-cut-") as made:
        scratch = Path(made)
        ground = CutGround(
            environment=loaded.environment,
            dataset=candles_of(loaded, where.dataset, where.user_data, narrator).manifest,
            versions=pins.engine_identity(),
            extra=pinned_lines(),
            live=live_environments(file),
            existing=strategies.find(where.strategies),
            load=partial(load_candidate, loaded.environment.policy, where.strategies),
            checkout=_checkout(where.strategies, file, where.home, scratch / "commit"),
        )
        clock = SystemClock()
        yield (
            ground,
            CutTools(
                backtester=FreqtradeChild(sandbox_for(narrator, required=where.require_sandbox)),
                bundles=bundles(where.home),
                clock=clock,
                narrator=narrator,
                scratch=scratch / "bundles",
                ledger=LedgerFile(where.ledger, clock, narrator) if where.ledger is not None else None,
            ),
        )


def _named(places: Mapping[str, Path]) -> dict[str, str]:
    return {id: str(path) for id, path in places.items()}


def _leave(cuts: Cuts, places: Mapping[str, Path], out: Path | None) -> None:
    """What a device demands of the artifact `evidence`: each document as the gate left it, and each manifest as the store keeps it."""
    if out is None:
        return
    for one in cuts.made:
        there = out / one.manifest.strategy
        write_whole(there / FILE, read_bounded(places[one.manifest.strategy], LARGEST_BYTES))
        write_whole(there / manifest_name(one.manifest.digest), manifest_text(one.manifest))


def live_environments(judging: Path) -> tuple[str, ...]:
    """The environments in the same folder in which real money may be at stake; one that cannot be read may be such a one."""
    return tuple(file.stem for file in sorted(judging.parent.glob("*.y*ml")) if _may_be_live(file))


def _may_be_live(file: Path) -> bool:
    try:
        return leaves(file).get("mode") not in HARMLESS
    except ConfigError:
        return True


def pinned_lines() -> dict[str, str]:
    """Module -> the line that pins it, for whatever strategies may import."""
    lines = pins.InstalledLines()
    return {module: lines[module] for module in pins.allowed_imports(pins.strategy_extra())}


def _checkout(folder: Path, environment: Path, home: Path, scratch: Path) -> Checkout:
    root = git.repository_root(folder)
    if root is None:
        return Checkout("", (), lambda _: None)
    root = root.resolve()
    if home.resolve().is_relative_to(root):
        told = f"{home} lies in the repository {root}: whoever cleans the repository would delete bundles"
        raise Refused(told, hint="name a folder outside of it with --home, such as ~/.freqtrain")
    repository = git.GitRepository(root)
    try:
        commit = repository.resolve("HEAD")
    except UsageError:
        return Checkout("", (), lambda _: None)
    changed = judges_files(repository.changed_files("HEAD"))
    if not _is_committed(environment, root, repository, scratch / "environment"):
        changed = (str(environment), *changed)
    inside = folder.resolve().relative_to(root)

    def committed(id: str) -> Candidate | None:
        there = scratch / "strategies" / id
        if not repository.export("HEAD", f"{inside.as_posix()}/{id}", there):
            return None
        try:
            return load_candidate(None, there / inside, id)
        except FreqtrainError:
            return None  # what cannot be read is not what is there now, which can

    return Checkout(commit, changed, committed)


def _is_committed(file: Path, root: Path, repository: git.GitRepository, scratch: Path) -> bool:
    """Whether a file is in the commit as it is on the disk."""
    if not file.resolve().is_relative_to(root):
        return False
    path = file.resolve().relative_to(root).as_posix()
    if not repository.export("HEAD", path, scratch):
        return False
    return read_bounded(scratch / path, LARGEST_ENVIRONMENT) == file.read_bytes()
