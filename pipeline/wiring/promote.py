"""The real things behind `freqtrain promote`."""

from collections.abc import Callable
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
from pipeline.ports import Narrator
from pipeline.wiring.environments import environment_file, examine_other
from pipeline.wiring.observations import past
from pipeline.wiring.road import ledger, looking_at, on_device, road

__all__ = ["MAIN", "ground"]


def ground(environment: str, home: Path, repository: Path, main: str, narrator: Narrator) -> PromoteGround:
    """What a promotion to an environment of this device is decided on.

    Raises:
        UsageError: the repository is none.
    """
    root = repository_root(repository)
    if root is None:
        raise UsageError(
            f"{repository} lies in no git repository", hint="give --repository the clone that holds the strategies"
        )
    target = road(environment, home, narrator, starts=True)
    return PromoteGround(
        target,
        _before(target.environment.after, target.environment.name, home, narrator),
        _tags(root, main),
        SshSignatures(),
        read_protected,
    )


def _tags(root: Path, main: str) -> GitTags:
    try:
        return GitTags(root, main)
    except ValueError as error:
        raise UsageError(str(error), hint="refs/remotes/origin/main, or refs/heads/main") from error


def _before(after: str, own: str, home: Path, narrator: Narrator) -> Before:
    """What the ledgers of this device's other environments say."""
    told = [before_of(ledger(name, home, narrator).entries(), name) for name in on_device(home) if name != own]
    earlier = next((one.state for one in told if one.state is not None and one.state.environment == after), None)
    return Before(
        earlier,
        _shown(after, home, narrator) if earlier is not None else lambda _strategy, _bundle: None,
        blocks={bundle: block for one in told for bundle, block in one.blocks.items()},
        sources=tuple(source for one in told for source in one.sources),
    )


def _shown(environment: str, home: Path, narrator: Narrator) -> Callable[[str, str], Shown | None]:
    """What was observed there; raises ConfigError where its file is broken, because nobody knows then what it demands of whoever stays."""
    if is_foreign(home, environment):
        shared = ShownFile(home, environment).read(SystemClock().now())
        return lambda strategy, bundle: shared.get((strategy, bundle))
    kept = past(home, environment)
    if kept is None:
        return lambda _strategy, _bundle: None
    examined = examine_other(environment_file(environment))
    if not isinstance(examined.environment, TradingEnvironment):
        raise ConfigError(examined.problems)
    there = looking_at(examined.environment, home, narrator)
    return lambda strategy, bundle: shown(strategy, bundle, there, kept)
