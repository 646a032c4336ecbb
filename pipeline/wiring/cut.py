"""The real things behind `freqtrain cut`: freqtrade in its sandbox, git, the data set, the store."""

import os
import tempfile
from functools import partial
from pathlib import Path

from pipeline.adapters import git, pins, strategies
from pipeline.adapters.bounded import read_bounded
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.evidence_file import FILE, read_folder
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.config.environment import load_environment
from pipeline.config.environment_leaves import leaves
from pipeline.domain.bundle_manifest import Cuts
from pipeline.domain.selection import judges_files
from pipeline.domain.strategy import Candidate
from pipeline.errors import ConfigError, FreqtrainError, Refused, UsageError
from pipeline.flows.cut import CutTools
from pipeline.flows.cut import cut as flow
from pipeline.flows.cut_prepare import Checkout, CutGround, CutWish
from pipeline.ports import Narrator
from pipeline.wiring.bundle import bundles
from pipeline.wiring.environment_files import environment_file
from pipeline.wiring.gate import candles_of, load_candidate, sandbox_for

HARMLESS = ("history", "dry_run")
"""The modes in which no real money is at stake; one that a variable fills in may be any."""

LARGEST_ENVIRONMENT = 2**20


def cut(
    wish: CutWish,
    evidence: Path,
    environment: str,
    folder: Path,
    dataset: Path | None,
    user_data: Path,
    home: Path,
    ledger: Path | None,
    narrator: Narrator,
    *,
    require_sandbox: bool,
) -> Cuts:
    """Cut bundles into the store of a device's home.

    Raises:
        Refused: the home lies inside the repository, where a clean would take the bundles with it.
    """
    records = read_folder(evidence, wish.ids)
    file = environment_file(environment)
    loaded = load_environment(file, os.environ)
    existing = strategies.find(folder)
    with tempfile.TemporaryDirectory(prefix="freqtrain-cut-") as made:
        scratch = Path(made)
        ground = CutGround(
            environment=loaded.environment,
            dataset=candles_of(loaded, dataset, user_data, narrator).manifest,
            versions=pins.engine_identity(),
            extra=pinned_lines(),
            live=live_environments(file),
            existing=existing,
            load=partial(load_candidate, loaded.environment.policy, folder),
            checkout=_checkout(folder, file, home, scratch / "commit"),
        )
        clock = SystemClock()
        tools = CutTools(
            backtester=FreqtradeChild(sandbox_for(narrator, required=require_sandbox)),
            bundles=bundles(home),
            clock=clock,
            narrator=narrator,
            scratch=scratch / "bundles",
            ledger=LedgerFile(ledger, clock, narrator) if ledger is not None else None,
        )
        places = {id: str(evidence / id / FILE) for id in records}
        return flow(wish, records, places, ground, tools)


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
