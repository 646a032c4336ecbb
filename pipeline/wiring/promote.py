"""The real things behind `freqtrain promote`."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.git import repository_root
from pipeline.adapters.git_tags import MAIN, GitTags
from pipeline.adapters.shown_file import ShownFile, is_foreign
from pipeline.adapters.ssh_signatures import SshSignatures, read_protected
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.boarding import Shown
from pipeline.errors import ConfigError, UsageError
from pipeline.flows.observe import shown
from pipeline.flows.promote_decide import Before, PromoteGround, before_of
from pipeline.flows.road import Road
from pipeline.ports import Narrator
from pipeline.wiring.environments import environment_file, examine_other
from pipeline.wiring.observations import past
from pipeline.wiring.road import ledger, looking_at, on_device, outside, road

__all__ = ["MAIN", "asking_ground", "ground", "on_github", "run_id", "run_name"]


def ground(
    environment: str, home: Path, repository: Path, main: str, narrator: Narrator, wait_minutes: float = 0.0
) -> PromoteGround:
    """What a promotion to an environment of this device is decided on; another verb there is waited for so long.

    Raises:
        UsageError: the repository is none.
    """
    root = _root(repository)
    return _ground(
        road(environment, home, narrator, starts=True, wait_minutes=wait_minutes), root, home, main, narrator
    )


def asking_ground(
    environment: str, home: Path, repository: Path, main: str, narrator: Narrator, wait_minutes: float = 0.0
) -> PromoteGround:
    """The same for deciding alone: bots are asked and never touched, and no secret of the environment and none of its variables is needed.

    Raises:
        UsageError: the repository is none, or no bots run in the environment.
        ConfigError: the environment's file is wrong, or needs variables that are not set.
    """
    root = _root(repository)
    outside(home)
    examined = examine_other(environment_file(environment))
    if examined.problems:
        raise ConfigError(examined.problems)
    if not isinstance(examined.environment, TradingEnvironment):
        raise UsageError(f"no bots run in '{environment}', so nothing boards there")
    return _ground(looking_at(examined.environment, home, narrator, wait_minutes), root, home, main, narrator)


def run_id() -> int:
    """The run on GitHub that this process belongs to; raises UsageError outside of one."""
    said = os.environ.get("GITHUB_RUN_ID", "")
    if not re.fullmatch(r"[1-9][0-9]{0,17}", said, re.ASCII):
        raise UsageError(
            "this is no run on GitHub: GITHUB_RUN_ID is not set",
            hint="elsewhere, sign: --plan says what is to be signed",
        )
    return int(said)


def run_name() -> str:
    """The run on GitHub and its attempt, `ID.ATTEMPT`, so that what is left of one is not taken for another's; empty outside of one."""
    said = f"{os.environ.get('GITHUB_RUN_ID', '')}.{os.environ.get('GITHUB_RUN_ATTEMPT') or '1'}"
    return said if re.fullmatch(r"[0-9]{1,18}\.[0-9]{1,9}", said, re.ASCII) else ""


@contextmanager
def on_github(ground: PromoteGround, repository: Path, main: str) -> Iterator[PromoteGround]:
    """The ground with GitHub, which is asked about the repository that the clone's remote `origin` names.

    Raises:
        UsageError: the clone has no such remote.
        Refused: there is no token.
    """
    # GitHub takes a sixth of a second that a promotion without it does not need.
    from pipeline.wiring.promote_github import github_of

    with github_of(_root(repository), main, ground.tags) as github:
        yield replace(ground, github=github)


def _root(repository: Path) -> Path:
    root = repository_root(repository)
    if root is None:
        raise UsageError(
            f"{repository} lies in no git repository", hint="give --repository the clone that holds the strategies"
        )
    return root


def _ground(target: Road, root: Path, home: Path, main: str, narrator: Narrator) -> PromoteGround:
    before = _before(target.environment.after, target.environment.name, home, narrator)
    return PromoteGround(target, before, _tags(root, main), SshSignatures(), read_protected)


def _tags(root: Path, main: str) -> GitTags:
    try:
        return GitTags(root, main)
    except ValueError as error:
        raise UsageError(str(error), hint="refs/remotes/origin/main, or refs/heads/main") from error


def _before(after: str, own: str, home: Path, narrator: Narrator) -> Before:
    """What the ledgers of this device's other environments say."""
    told = [before_of(ledger(name, home, narrator).entries(), name) for name in on_device(home) if name != own]
    here = (
        one for one in told if one.state is not None and one.state.away is None
    )  # What moved away goes on elsewhere.
    earlier = next((one for one in here if one.state is not None and one.state.environment == after), None)
    return Before(
        earlier.state if earlier else None,
        _shown(after, home, narrator) if earlier else lambda _strategy, _bundle: None,
        blocks={bundle: block for one in told for bundle, block in one.blocks.items()},
        sources=tuple(source for one in told for source in one.sources),
        latest=earlier.latest if earlier else "",
    )


def _shown(environment: str, home: Path, narrator: Narrator) -> Callable[[str, str], Shown | None]:
    """What was observed there; raises ConfigError where its file is broken, because nobody knows then what it demands of whoever stays."""
    if is_foreign(home, environment):
        shared = ShownFile(home, environment).read(SystemClock().now())
        return lambda strategy, bundle: shared.get((strategy, bundle))
    kept = past(home, environment)
    if kept is None:
        return lambda _strategy, _bundle: None
    examined = examine_other(environment_file(environment), home)
    if not isinstance(examined.environment, TradingEnvironment):
        raise ConfigError(examined.problems)
    there = looking_at(examined.environment, home, narrator)
    return lambda strategy, bundle: shown(strategy, bundle, there, kept)
