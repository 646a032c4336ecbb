"""What every verb of the road works with: one environment of a device, its ledger, its bots, and the account that they trade with."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from pipeline.domain.bot import BotSpec, RunningBot
from pipeline.domain.bot_report import BotIdentity, Trading
from pipeline.domain.ledger import Entry
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.fold import fold_on
from pipeline.domain.train.sight import Says, SeenBot
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.watch_process import RunningWatch
from pipeline.errors import Refused, ToolFailed
from pipeline.ports import (
    Bundles,
    Clock,
    Databases,
    Doubts,
    ExchangeAccount,
    Homes,
    Ledger,
    Narrator,
    Notifier,
    Runtime,
    Watches,
    WatchHome,
)

PROOF_SECONDS = 180.0
"""How long a bot may take from its start to its first loops: imports, markets and candles of a slow device included."""

EXIT_SECONDS = 300.0
"""How long selling every position may take."""

LOOK_SECONDS = 1.0

AWAY_HINT = "it goes on where `freqtrain environment import FILE` is called with that archive, also here; `environment export` packs it again"

MOST_AT_ONCE = 16
"""How many bots are asked at the same time."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """What keeps the environment's watch running, and what it is started with."""

    watches: Watches
    home: WatchHome

    def of(self, environment: str) -> RunningWatch | None:
        """The environment's watch, running or down; None where none was ever started."""
        return next((one for one in self.watches.watching() if one.spec.environment == environment), None)


AT_A_TIME = 1000
"""Entries of a ledger that are folded in one go."""


class Folded:
    """What was read of a ledger up to a certain entry: verbs ask for the state at every step, and a ledger only grows.

    The hash of an entry stands for all before it, so that another ledger, or one that was written anew, is read from its beginning.
    """

    def __init__(self) -> None:
        self._count = 0
        self._hash = ""
        self._state = EnvironmentState("")

    def state(self, entries: Sequence[Entry], environment: str) -> EnvironmentState:
        """The state that the entries tell of; raises as `fold_on`."""
        count, state = self._count, self._state
        same = state.environment == environment and 0 < count <= len(entries) and entries[count - 1].hash == self._hash
        if not same:
            count, state = 0, EnvironmentState(environment)
        for begin in range(count, len(entries), AT_A_TIME):  # A year's entries are never in memory as a whole.
            state = fold_on(state, entries[begin : begin + AT_A_TIME])
        self._count, self._hash = len(entries), entries[-1].hash if entries else ""
        self._state = state
        return state


@dataclass(frozen=True, slots=True)
class Road:
    """One environment on this device.

    `account` is None in a dry-run, which has none; strategies with keys of their own have theirs in `own_accounts`. `locked` keeps other verbs
    away (raises Locked, which says whose and since when); `preflight` lists what speaks against a bot there, given its specification, one
    sentence each.
    """

    environment: TradingEnvironment
    ledger: Ledger
    runtime: Runtime
    bundles: Bundles
    homes: Homes
    databases: Databases
    account: ExchangeAccount | None
    clock: Clock
    narrator: Narrator
    locked: Callable[[str], AbstractContextManager[None]]
    preflight: Callable[[BotSpec], tuple[str, ...]]
    rehearsal: bool = False
    """Whether bundles that were judged on simulated data may trade, because the exchange is one of the loopback."""
    proof_seconds: float = PROOF_SECONDS
    exit_seconds: float = EXIT_SECONDS
    own_accounts: Mapping[str, ExchangeAccount] = field(default_factory=dict)
    doubts: Doubts | None = None
    folded: Folded = field(default_factory=Folded)
    watcher: Watcher | None = None
    """None where whoever calls is the watch itself, or sees to it in another way."""
    notifier: Notifier | None = None
    """Tells people elsewhere what no ledger holds; None where nobody does."""

    def account_of(self, strategy: str) -> ExchangeAccount | None:
        """The account with which the bot of a strategy trades; None in a dry-run.

        Raises:
            Refused: nobody gave its key; what is not known to agree must not be released.
        """
        if self.environment.dry_run:
            return None
        account = self.own_accounts.get(strategy) if self.environment.own_account(strategy) else self.account
        if account is None:
            raise Refused(
                f"'{strategy}' trades real money in '{self.environment.name}', and there is no key to its account"
            )
        return account

    def state(self) -> EnvironmentState:
        """What the ledger says should be, read anew."""
        return self.folded.state(self.ledger.entries(), self.environment.name)

    def demand_here(self) -> None:
        """Refuse where the environment left this device: whatever was started here would trade beside the bots of the other device."""
        if away := self.state().away:
            raise Refused(f"'{self.environment.name}' {away}", hint=AWAY_HINT)

    def record(self, fact: Fact) -> None:
        """Put a fact into the ledger; on the disk when this returns."""
        self.ledger.append(kind_of(fact), body_of(fact))

    def seen(self, *strategies: str) -> tuple[SeenBot, ...]:
        """The environment's bots on the device, and what each says of itself; those of some strategies alone, where any are named.

        While one hangs, the clock is told that time passes: a watch looks at the others then.
        """
        here = [bot for bot in self.runtime.running() if bot.spec.environment == self.environment.name]
        bots = [bot for bot in here if not strategies or bot.spec.strategy in strategies]
        with ThreadPoolExecutor(MOST_AT_ONCE) as asking:  # One that hangs keeps nobody waiting for the others.
            answers = [asking.submit(self.says, bot) for bot in bots]
            while wait(answers, timeout=LOOK_SECONDS).not_done:
                self.clock.sleep(0.0)
            return tuple(SeenBot(bot, said.result(), bot.gave_up) for bot, said in zip(bots, answers, strict=True))

    def says(self, bot: RunningBot) -> Says | None:
        """A bot's own words; None where it gives none that can be believed to be its own."""
        try:
            api = self.homes.bot(bot.spec)
            identity = api.identity()
            return self.heard(bot, identity, len(api.open_trades())) if identity.name == bot.spec.name else None
        except ToolFailed:
            return None

    def heard(self, bot: RunningBot, identity: BotIdentity, open_trades: int) -> Says | None:
        """What a bot said of itself; None where something else answers on its port. Raises ToolFailed where its home cannot be read."""
        if identity.name != bot.spec.name:
            return None
        free = identity.state is Trading.RUNNING and not self.homes.held(bot.spec)
        return Says(identity.bundle, free, open_trades, halted=identity.state is Trading.STOPPED)
