"""What every verb of the road works with: one environment of a device, its ledger, its bots, and the account that they trade with."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pipeline.domain.bot import BotSpec, RunningBot
from pipeline.domain.bot_report import Trading
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.facts import Fact, body_of, kind_of
from pipeline.domain.train.fold import fold_ledger
from pipeline.domain.train.sight import Says, SeenBot
from pipeline.domain.train.state import EnvironmentState
from pipeline.errors import ToolFailed
from pipeline.ports import Bundles, Clock, Databases, ExchangeAccount, Homes, Ledger, Narrator, Runtime

PROOF_SECONDS = 180.0
"""How long a bot may take from its start to its first loops: imports, markets and candles of a slow device included."""

EXIT_SECONDS = 300.0
"""How long selling every position may take."""

LOOK_SECONDS = 1.0

MOST_AT_ONCE = 16
"""How many bots are asked at the same time."""


@dataclass(frozen=True, slots=True)
class Road:
    """One environment on this device.

    `account` is None in a dry-run, which has none. `locked` keeps other verbs away (raises Locked, which says whose and since when);
    `preflight` lists what speaks against a bot there, given its specification, one sentence each.
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

    def state(self) -> EnvironmentState:
        """What the ledger says should be, read anew."""
        return fold_ledger(self.ledger.entries(), self.environment.name)

    def record(self, fact: Fact) -> None:
        """Put a fact into the ledger; on the disk when this returns."""
        self.ledger.append(kind_of(fact), body_of(fact))

    def seen(self) -> tuple[SeenBot, ...]:
        """The environment's bots on the device, and what each says of itself."""
        bots = [bot for bot in self.runtime.running() if bot.spec.environment == self.environment.name]
        with ThreadPoolExecutor(MOST_AT_ONCE) as asking:  # One that hangs keeps nobody waiting for the others.
            return tuple(
                SeenBot(bot, said, bot.gave_up) for bot, said in zip(bots, asking.map(self.says, bots), strict=True)
            )

    def says(self, bot: RunningBot) -> Says | None:
        """A bot's own words; None where it gives none that can be believed to be its own."""
        try:
            api = self.homes.bot(bot.spec)
            identity = api.identity()
            if identity.name != bot.spec.name:
                return None  # Something else answers on its port.
            free = identity.state is Trading.RUNNING and not self.homes.held(bot.spec)
            halted = identity.state is Trading.STOPPED
            return Says(identity.bundle, free, len(api.open_trades()), halted)
        except ToolFailed:
            return None
