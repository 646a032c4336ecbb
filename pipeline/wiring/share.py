"""The real things behind `freqtrain share`."""

from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.shown_file import ShownFile
from pipeline.domain.trading import TradingEnvironment
from pipeline.errors import ConfigError, UsageError
from pipeline.flows.observe import shown
from pipeline.ports import Narrator
from pipeline.wiring.environments import environment_file, examine_other
from pipeline.wiring.observations import past
from pipeline.wiring.road import looking_at, on_device


def share(environment: str, home: Path, narrator: Narrator) -> int:
    """Write what an environment's bundles have shown where later environments may read it; returns how many bundles were.

    Raises:
        UsageError: nothing was ever deployed there.
        ConfigError: its file is broken, because nobody knows then what it demands of whoever stays.
    """
    examined = examine_other(environment_file(environment))
    if not isinstance(examined.environment, TradingEnvironment):
        raise ConfigError(examined.problems)
    if environment not in on_device(home):
        raise UsageError(f"nothing was ever deployed to '{environment}' here", hint="there is nothing to share yet")
    road, kept = looking_at(examined.environment, home, narrator), past(home, environment)
    found = {key: shown(*key, road, kept) for key in kept.bundles()} if kept is not None else {}
    ShownFile(home, environment).write({key: one for key, one in found.items() if one is not None}, SystemClock().now())
    return len(found)
