"""The real things behind the verbs of the road: a device's home, what keeps its bots running, bots' APIs, the exchange."""

import getpass
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.adapters.bot_databases import BotDatabases, database_file
from pipeline.adapters.bot_doubts import BotDoubts
from pipeline.adapters.bot_home_secrets import BOTS, secrets_for
from pipeline.adapters.bot_homes import BotHomes
from pipeline.adapters.bot_order_errors import BotOrderErrors
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.device import ThisDevice
from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.adapters.lazy_account import LazyAccount
from pipeline.adapters.ledger_file import LedgerFile
from pipeline.adapters.loopback import exchange_settings
from pipeline.adapters.observations.last_looks import last_looks
from pipeline.adapters.port_blocks import first_port
from pipeline.config.injection import Injection, inject
from pipeline.config.trading import LoadedTradingEnvironment, load_trading_environment
from pipeline.domain.bot_settings import DOUBT_SUFFIX, ORDER_ERRORS_SUFFIX
from pipeline.domain.trading import Secrets, TradingEnvironment
from pipeline.domain.trading.kept import Together
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.status import Overview, WatchLine, block_lines, status, watch_line
from pipeline.domain.train.unobserved import Unobserved, unobserved
from pipeline.errors import ConfigError, Refused, UsageError
from pipeline.flows import attend
from pipeline.flows.deploy_preflight import DeployPreflight
from pipeline.flows.road import Road
from pipeline.ports import Narrator
from pipeline.wiring.bundle import bundles
from pipeline.wiring.environments import environment_file
from pipeline.wiring.homes import outside as outside
from pipeline.wiring.notices import inbox, keep_channels, notice_lines
from pipeline.wiring.observations import observations
from pipeline.wiring.runtime import images, runtime
from pipeline.wiring.secrets import injected
from pipeline.wiring.watcher import watcher

LEDGER = "ledger.jsonl"


def road(
    environment: str,
    home: Path,
    narrator: Narrator,
    *,
    starts: bool,
    trades: bool = True,
    warm: bool = False,
    wait_minutes: float = 0.0,
) -> Road:
    """One environment of this device.

    Args:
        starts: whether something that was not there before may be started, so that everything has to be injected. What goes on, stops or goes
            back takes the secrets that a bot of the environment has in its home.
        trades: whether the exchange may have to be asked.
        warm: whether the new bot will start beside the old one.
        wait_minutes: how long another verb that is at work there is waited for.

    Raises:
        ConfigError: the environment's file, its variables or secrets are wrong.
        Refused, ToolFailed: its runtime is not there.
    """
    file = environment_file(environment)
    process = injected(file, home, narrator, strict=starts)
    loaded = load_trading_environment(file, process.variables)
    own, clock = loaded.environment, SystemClock()
    outside(home)
    exchange = exchange_settings(home, own.name, rehearsal=own.rehearsal)
    given = _injected(loaded, process, narrator, strict=starts)
    entries, keeps, store = ledger(own.name, home, narrator), runtime(own, home, clock, starts=starts), bundles(home)
    secrets, own_secrets = (given.secrets, given.own) if given else (None, {})
    homes = BotHomes(
        *(home, own, clock, secrets),
        first_port=first_port(home, own.name),
        own_secrets=own_secrets,
        ccxt_config=exchange,
        rehearsal=own.rehearsal,
        images=images(keeps),
    )
    databases = BotDatabases(home, own, clock)
    lock = EnvironmentLock(home / own.name / "lock", caller(), clock, wait_minutes * 60, say=narrator.say)
    bare = Road(
        *(own, entries, keeps, store, homes, databases, None, clock, narrator, lock, lambda _: ()),
        rehearsal=own.rehearsal,
        doubts=doubts(home, own),
        watcher=watcher(
            loaded, file, home, clock, process.variables, partial(keep_channels, own, process.values, home, narrator)
        ),
        notifier=inbox(own.name, home, clock, narrator),
    )
    return _with_exchange(bare, given, home, warm, exchange) if trades else bare


def looking_at(own: TradingEnvironment, home: Path, narrator: Narrator, wait_minutes: float = 0.0) -> Road:
    """An environment of this device whose bots are asked and never touched: without secrets, exchange and watch."""
    clock = SystemClock()
    homes = BotHomes(home, own, clock, first_port=first_port(home, own.name), rehearsal=own.rehearsal)
    lock = EnvironmentLock(home / own.name / "lock", caller(), clock, wait_minutes * 60, say=narrator.say)
    entries, keeps, store = ledger(own.name, home, narrator), runtime(own, home, clock), bundles(home)
    databases = BotDatabases(home, own, clock)
    return Road(
        *(own, entries, keeps, store, homes, databases, None, clock, narrator, lock, lambda _: ()),
        rehearsal=own.rehearsal,
    )


def _with_exchange(
    bare: Road, given: Injection | None, home: Path, warm: bool, exchange: Mapping[str, Any] | None
) -> Road:
    own = bare.environment

    def account(strategy: str = "") -> LazyAccount:
        secrets, of_its_own = (given.secrets, given.own) if given else (None, {})
        bots = home / own.name / BOTS
        return LazyAccount(own.exchange, lambda: secrets_for(own, secrets, bots, strategy, of_its_own), exchange)

    shared = None if own.dry_run else account()
    own_accounts = {} if own.dry_run else {keys.strategy: account(keys.strategy) for keys in own.own_keys}
    preflight = DeployPreflight(
        *(own, bare.ledger, bare.runtime, bare.bundles, bare.homes, bare.databases),
        *(shared or LazyAccount(own.exchange, Secrets, exchange), shared, ThisDevice(), bare.clock),
        own_accounts=own_accounts,
        warm=warm,
    )
    return replace(bare, account=shared, own_accounts=own_accounts, preflight=preflight)


def doubts(home: Path, environment: TradingEnvironment) -> BotDoubts:
    """What bots of an environment wrote down of orders whose fate they do not know."""

    return BotDoubts(partial(_beside, DOUBT_SUFFIX, home, environment))


def order_errors(home: Path, environment: TradingEnvironment) -> BotOrderErrors:
    """What bots of an environment wrote down of orders that failed."""
    return BotOrderErrors(partial(_beside, ORDER_ERRORS_SUFFIX, home, environment))


def _beside(suffix: str, home: Path, environment: TradingEnvironment, strategy: str) -> Path:
    database = database_file(home, environment, strategy)
    return database.with_name(database.name + suffix)


def ledger(environment: str, home: Path, narrator: Narrator) -> LedgerFile:
    """What happened in an environment on this device."""
    return LedgerFile(home / environment / LEDGER, SystemClock(), narrator)


def caller() -> str:
    """Who asks: on GitHub whoever started the workflow, else the user of this process."""
    return os.environ.get("GITHUB_ACTOR") or getpass.getuser()


def on_device(home: Path) -> tuple[str, ...]:
    """The environments that have a ledger here."""
    return tuple(sorted(path.parent.name for path in home.glob(f"*/{LEDGER}")))


def strategies_in(road: Road) -> frozenset[str]:
    """All strategies that the ledger or the runtime knows there; a ledger that cannot be read hides none that runs."""
    held = {bot.spec.strategy for bot in road.runtime.running() if bot.spec.environment == road.environment.name}
    try:
        return frozenset(held | set(road.state().strategies))
    except Refused as error:
        road.narrator.say(error.message)
        return frozenset(held)


def bundles_of(strategy: str, road: Road) -> tuple[str, ...]:
    """The bundles that can be named there: those that the device keeps, and those of the strategy that ran."""
    ran = (made.bundle for made in road.state().of(strategy).deployments)
    return tuple(dict.fromkeys((*road.bundles.digests(), *ran)))


def overview(environments: Sequence[str], home: Path, narrator: Narrator) -> Overview:
    """What runs where, and who watches it."""
    found = Overview()
    for name in environments:
        if not (home / name / LEDGER).exists():
            raise UsageError(
                f"nothing was ever deployed to '{name}' here", hint=f"there are: {', '.join(on_device(home)) or 'none'}"
            )
        here = road(name, home, narrator, starts=False, trades=False)
        state = here.state()
        needed = attend.needed(here)
        watch = _watch(here) if needed else ()
        observed = _unobserved(here, home, state, watch) if needed else ()
        found += Overview(status(state, here.seen()), watch, block_lines(state), observed, notice_lines(name, home))
    return found


def _unobserved(here: Road, home: Path, state: EnvironmentState, watch: Sequence[WatchLine]) -> tuple[Unobserved, ...]:
    standing = {name: known.standing.bundle for name, known in state.strategies.items() if known.standing}
    kept = last_looks(observations(home, here.environment.name), standing)
    return unobserved(state, kept, here.clock.now(), watched=all(line.well for line in watch))


def _watch(here: Road) -> tuple[WatchLine, ...]:
    if here.watcher is None:
        return ()
    name, home = here.environment.name, here.watcher.home
    return (watch_line(name, here.watcher.of(name), home.watched_by(), home.looked_at(), here.clock.now()),)


def _injected(
    loaded: LoadedTradingEnvironment, process: Together, narrator: Narrator, *, strict: bool
) -> Injection | None:
    """What was injected; where nothing is started, None if nothing was, or if what the device keeps does not do: nothing stops an emergency."""
    names = loaded.environment.secrets
    own = [name for keys in loaded.environment.own_keys for name in (keys.access_key, keys.access_secret)]
    given = {name for name in (names.access_key, names.access_secret, *own) if name and process.values.get(name)}
    if not strict and not given:
        return None
    try:
        found = inject(loaded, process.values)
    except ConfigError as error:
        if strict or not given <= process.from_device:
            raise
        narrator.say(f"nothing is taken from this device's secrets: {error.message}")
        return None
    for note in found.notes:
        narrator.say(note)
    return found
