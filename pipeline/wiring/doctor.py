"""The real things behind `freqtrain doctor`: everything is looked at, and no secret is given to anybody."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.adapters.bot_databases import BotDatabases
from pipeline.adapters.bot_home_secrets import BOTS, secrets_for
from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.doctor.disk import EnvironmentDisk
from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.adapters.git import repository_root
from pipeline.adapters.git_tags import MAIN, GitTags
from pipeline.adapters.lazy_account import LazyAccount
from pipeline.adapters.loopback import exchange_settings
from pipeline.config.trading import load_trading_environment
from pipeline.domain.bot import BotSpec, RunningBot
from pipeline.domain.trading import TradingEnvironment
from pipeline.errors import FreqtrainError, UsageError
from pipeline.flows.doctor_gather import Practice
from pipeline.flows.road import Road
from pipeline.ports import Narrator, Runtime
from pipeline.wiring.bundle import bundles
from pipeline.wiring.environments import environment_file
from pipeline.wiring.homes import outside
from pipeline.wiring.observations import observations
from pipeline.wiring.road import LEDGER, caller, doubts, ledger, on_device
from pipeline.wiring.runtime import runtime
from pipeline.wiring.secrets import injected
from pipeline.wiring.watcher import watcher

__all__ = ["caller", "practice"]


class AbsentRuntime:
    """A runtime that cannot be asked, and says why each time."""

    def __init__(self, error: FreqtrainError) -> None:
        self._error = error

    def running(self) -> tuple[RunningBot, ...]:
        raise self._error

    def start(self, spec: BotSpec) -> None:
        raise self._error

    def stop(self, name: str, deadline_seconds: float) -> None:
        raise self._error

    def logs(self, name: str, lines: int) -> str:
        raise self._error

    def remove(self, name: str) -> None:
        raise self._error


def practice(environment: str, home: Path, repository: Path, narrator: Narrator) -> tuple[Practice, EnvironmentDisk]:
    """What an environment of this device is examined with, and what mends a part of it.

    Keys are those that its bots' homes hold: what is asked is what they trade with.

    Raises:
        UsageError: the device has nothing of it.
        ConfigError: the environment's file or its variables are wrong.
        Refused: its file and the home do not agree about whether it is a rehearsal.
    """
    file = environment_file(environment)
    outside(home)
    if not (home / file.stem).is_dir():
        there = ", ".join(on_device(home)) or "none"
        raise UsageError(f"nothing was ever deployed to '{file.stem}' here", hint=f"there are: {there}")
    process = injected(file, home, narrator, strict=False)
    loaded = load_trading_environment(file, process.variables)
    own, clock, entries = loaded.environment, SystemClock(), ledger(loaded.environment.name, home, narrator)
    exchange = exchange_settings(home, own.name, rehearsal=own.rehearsal)
    shared = None if own.dry_run else _account(own, home, "", exchange)
    road = Road(
        *(own, entries, _runtime(own, home), bundles(home)),
        BotHomes(home, own, clock, first_port=0, rehearsal=own.rehearsal),  # no bot's port is asked for here
        *(BotDatabases(home, own, clock), shared, clock, narrator),
        EnvironmentLock(home / own.name / "lock", caller(), clock, say=narrator.say),
        lambda _: (),
        rehearsal=own.rehearsal,
        own_accounts={
            one.strategy: _account(own, home, one.strategy, exchange) for one in own.own_keys if not own.dry_run
        },
        doubts=doubts(home, own),
        watcher=watcher(loaded, file, home, clock, process.variables),
    )
    files = home / own.name / LEDGER, observations(home, own.name)
    disk = EnvironmentDisk(home, own, *files, entries, clock)
    root = repository_root(repository)
    return Practice(road, disk, GitTags(root, MAIN) if root else None), disk


def _account(own: TradingEnvironment, home: Path, strategy: str, exchange: Mapping[str, Any] | None) -> LazyAccount:
    return LazyAccount(own.exchange, lambda: secrets_for(own, None, home / own.name / BOTS, strategy), exchange)


def _runtime(own: TradingEnvironment, home: Path) -> Runtime:
    """One that is not there hides nothing of what lies on the disk."""
    try:
        return runtime(own, home, SystemClock())
    except FreqtrainError as error:
        return AbsentRuntime(error)
