"""The real things behind `freqtrain gate`: freqtrade, git, ruff and the disk."""

import os
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from pipeline.adapters import git, pins, strategies
from pipeline.adapters import sandbox as sandboxes
from pipeline.adapters.answer_cache import AnswerCache
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.cut_candles import write_cut
from pipeline.adapters.earlier_judge import EarlierJudgeProcess
from pipeline.adapters.engine import FreqtradeChild
from pipeline.adapters.files import write_whole
from pipeline.adapters.hyperopt_results import read_hyperopt_results
from pipeline.adapters.judge_secret import judge_secret
from pipeline.adapters.lineage_file import LineageFolder
from pipeline.adapters.market_snapshot import read_markets
from pipeline.adapters.ruff import Ruff
from pipeline.adapters.sandbox import Sandbox
from pipeline.config.environment import LoadedEnvironment, load_environment
from pipeline.config.source import decode
from pipeline.config.strategy import parse_strategy
from pipeline.domain.dataset import MARKETS_FILE, Severity
from pipeline.domain.environment import EMBEDDED
from pipeline.domain.lineage import Optimisation
from pipeline.domain.policy import Policy
from pipeline.domain.selection import touches_own_judge
from pipeline.domain.strategy import DESCRIPTION_FILE, Candidate
from pipeline.domain.verdict import Finding
from pipeline.errors import ConfigError, Problem, Refused, UsageError
from pipeline.flows import gate as flow
from pipeline.flows import gate_outputs as outputs
from pipeline.flows.data_embedded import embedded
from pipeline.flows.gate import Gated
from pipeline.flows.gate_measure import Bench
from pipeline.flows.gate_prepare import Ground
from pipeline.flows.gate_quick import quick
from pipeline.flows.gate_select import Change, Entrant, Wish, entrants
from pipeline.ports import Candles, Narrator
from pipeline.wiring.data_sets import data_sets
from pipeline.wiring.environment_files import environment_file
from pipeline.wiring.gate_engines import earlier


@dataclass(frozen=True, slots=True)
class How:
    """How a gate goes about it; `jobs` is None for one a core, `hyperopt_results` are files by strategy id."""

    jobs: int | None = None
    use_cache: bool = True
    require_sandbox: bool = False
    quick: bool = False
    expect_same_trades: bool = False
    hyperopt_results: Mapping[str, Path] = field(default_factory=dict)


def gate(
    wish: Wish,
    environment: str,
    dataset: Path | None,
    user_data: Path,
    narrator: Narrator,
    how: How,
) -> Gated:
    """Judge strategies on history.

    Raises:
        Refused: a sandbox is required, and none works here.
    """
    if how.require_sandbox:
        sandbox_for(narrator, required=True)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(sandboxes.best)  # it starts processes and waits for them; what it finds is kept
        loaded = load_environment(environment_file(environment), os.environ)
        policy = loaded.environment.policy
        candles = candles_of(loaded, dataset, user_data, narrator)
    sandbox = sandbox_for(narrator, required=how.require_sandbox)
    with tempfile.TemporaryDirectory(prefix="freqtrain-gate-") as folder:
        scratch = Path(folder)
        change = change_of(wish)
        existing = strategies.find(wish.strategies)
        loads = partial(load_candidate, policy), partial(load_candidate, None)
        found = entrants(wish, existing, *loads, change, scratch)
        cache = AnswerCache(user_data / "cache" / "answers") if how.use_cache and _cache_is_ours(os.environ) else None
        ground = Ground(
            environment=loaded.environment,
            candles=candles,
            linter=Ruff(),
            allowed_imports=pins.allowed_imports(pins.strategy_extra()),
            requirements=pins.InstalledLines(),
            derived_dir=user_data / "cache" / "candles",
            window_problem=loaded.window_problem,
        )
        bench = Bench(
            ground=ground,
            backtester=FreqtradeChild(sandbox, cache),
            narrator=narrator,
            engine_identity=pins.engine_identity(),
            markets=read_markets(candles.root / MARKETS_FILE),
            write_cut=write_cut,
            secret=judge_secret(user_data / "cache" / "judge.secret"),
            lineages=LineageFolder(user_data / "lineage", SystemClock(), narrator),
            scratch=scratch,
            jobs=how.jobs or cores(),
            available_mib=psutil.virtual_memory().available / 2**20,
            optimisations=_optimisations(how, found),
            expect_same_trades=how.expect_same_trades,
            earlier=None if how.quick else earlier(change, found, sandbox, cache, user_data, scratch, narrator),
        )
        if how.quick:
            return quick(found, bench)
        return flow.gate(found, bench, _second_opinions(wish, change, found, user_data, dataset, narrator))


def _optimisations(how: How, found: tuple[Entrant, ...]) -> dict[str, Optimisation]:
    """Hyperopt's results by strategy id.

    Raises:
        UsageError: they are of a strategy that is not judged.
        Refused: a file holds none.
    """
    judged = {entrant.candidate.id for entrant in found}
    if strange := sorted(set(how.hyperopt_results) - judged):
        raise UsageError(
            f"hyperopt's results were given for {', '.join(strange)}, which {'is' if len(strange) == 1 else 'are'} not judged",
            hint=f"judged are: {', '.join(sorted(judged)) or 'none'}",
        )
    return {id: read_hyperopt_results(path) for id, path in how.hyperopt_results.items()}


def sandbox_for(narrator: Narrator, *, required: bool) -> Sandbox | None:
    """The best sandbox of this machine; without one the guard has to do, unless one is required."""
    choice = sandboxes.best()
    if required:
        return sandboxes.demanded(choice)
    if choice.sandbox is None:
        narrator.say(f"no sandbox ({'; '.join(choice.reasons)}): a guard has to do, which stops no malice")
    return choice.sandbox


def gate_outputs(gated: Gated, out: Path) -> Path:
    """Write evidence, report and summary to the disk."""
    return outputs.write_outputs(gated, out, write_whole, _docs_url(out, os.environ))


def _docs_url(out: Path, environment: Mapping[str, str]) -> str:
    """The documentation of this commit: on GitHub where Actions runs, else the folder beside the code."""
    if environment.get("GITHUB_ACTIONS") == "true" and "GITHUB_REPOSITORY" in environment:
        server = environment.get("GITHUB_SERVER_URL", "https://github.com")
        return f"{server}/{environment['GITHUB_REPOSITORY']}/blob/{environment.get('GITHUB_SHA', 'HEAD')}/docs"
    return os.path.relpath(pins.ROOT / "docs", out)


def load_candidate(policy: Policy | None, folder: Path, id: str) -> Candidate:
    """`<folder>/<id>` as a candidate; with a policy, overrides that loosen it are problems."""
    place = f"{folder.as_posix()}/{id}"
    files = strategies.load_files(folder / id)
    if not strategies.is_id(id):
        raise ConfigError(
            (Problem(place, 0, 0, "an id has lower-case letters, digits and underscores, and begins with a letter"),)
        )
    if DESCRIPTION_FILE not in files:
        hint = f"write `class: YourStrategy` into {place}/{DESCRIPTION_FILE}"
        raise ConfigError((Problem(f"{place}/{DESCRIPTION_FILE}", 0, 0, "there is no such file"),), hint=hint)
    text = decode(files[DESCRIPTION_FILE], f"{place}/{DESCRIPTION_FILE}")
    return Candidate(parse_strategy(text, f"{place}/{DESCRIPTION_FILE}", id, policy), files, place)


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def candles_of(loaded: LoadedEnvironment, dataset: Path | None, user_data: Path, narrator: Narrator) -> Candles:
    """The data set that was given or that the environment names, verified."""
    sets, reference = data_sets(), loaded.environment.dataset
    if dataset is None and reference.digest == EMBEDDED:
        return embedded(user_data, sets, narrator)
    root = dataset or user_data / "data" / reference.digest.removeprefix("sha256:")
    if dataset is None and not root.is_dir():
        raise Refused(
            f"the data set {reference.digest} is not here",
            hint=f"freqtrain data fetch {reference.digest} --repository {reference.repository}",
        )
    opened = sets.open(root)
    broken = [problem for problem in sets.verify(opened) if problem.severity is Severity.ERROR]
    if broken:
        listed = "\n".join(str(problem) for problem in broken[:20])
        raise Refused(
            f"the data set {root} does not verify:\n{listed}", hint=f"freqtrain data verify {root} lists everything"
        )
    return opened


def change_of(wish: Wish) -> Change | None:
    """What differs from the reference that the caller named; None without one, and where that commit is gone: then everything counts as new."""
    if not wish.since:
        return None
    root = git.repository_root(wish.strategies if wish.strategies.is_dir() else Path())
    if root is None:
        raise UsageError(
            f"--changed-since needs a git repository, and {wish.strategies} lies in none",
            hint="judge without --changed-since",
        )
    repository = git.GitRepository(root)
    if repository.is_gone(wish.since):
        return None
    return Change(repository, root, wish.since, repository.changed_files(wish.since))


def _second_opinions(
    wish: Wish,
    change: Change | None,
    found: tuple[Entrant, ...],
    user_data: Path,
    dataset: Path | None,
    narrator: Narrator,
) -> Mapping[str, Finding]:
    """A change that touches strategies and their own judge must also pass the judge that it started from."""
    if change is None or not found:
        return {}
    inside = wish.strategies.resolve().relative_to(change.root.resolve()).as_posix()
    touched = touches_own_judge(change.paths, strategies=inside)
    if not touched:
        return {}
    narrator.say(f"the change touches its own judge ({touched[0]}): asking the judge at {change.ref} too")
    judge = EarlierJudgeProcess(git.GitRepository(change.root), user_data, dataset)
    return judge.judge(change.ref, wish.strategies, [entrant.candidate.id for entrant in found])


def _cache_is_ours(environment: Mapping[str, str]) -> bool:
    """In Actions only a pull request may use a cache: what runs on main must not believe what a pull request wrote."""
    return environment.get("GITHUB_ACTIONS") != "true" or environment.get("GITHUB_EVENT_NAME") == "pull_request"
