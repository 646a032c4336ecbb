"""TradingEnvironment: one complete environment with bots, its variables filled in and its secrets only named."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from pipeline.domain.canonical import Plain, digest
from pipeline.domain.environment import Mode
from pipeline.domain.policy import Threshold
from pipeline.domain.trading.freeze import Freeze
from pipeline.domain.trading.secrets import OwnKeys, SecretNames
from pipeline.domain.trading.terms import KEEPS_ITS_PROMISE, Approval, Boarding, Brakes


class Promotion(StrEnum):
    """Who lets bundles board that have earned it."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"


class RollBack(StrEnum):
    """Who takes a bundle back."""

    MANUAL = "manual"
    """Only a person."""
    BRAKES = "brakes"
    """Brakes whose action it is, and persons."""
    AUTOMATIC = "automatic"
    """Brakes, a verdict that fails, and persons."""


class OpenTrades(StrEnum):
    """What becomes of the trades that are open when another bundle takes over."""

    CARRY = "carry"
    """The new bundle manages them."""
    DRAIN = "drain"
    """The old bundle manages them to their end and opens none; see `drain_hours`."""
    EXIT = "exit"
    """They are sold."""


class RuntimeKind(StrEnum):
    """What keeps the bots running."""

    PROCESS = "process"
    COMPOSE = "compose"


@dataclass(frozen=True, slots=True)
class TradingLimits:
    """How much may be at work, in the stake currency.

    `capital_per_bot` is the most that one bot trades with; all bots together trade with at most `capital_in_all` (None: no limit, in a
    dry-run only). `max_open_trades` counts for each bot.
    """

    capital_per_bot: Decimal
    capital_in_all: Decimal | None
    max_open_trades: int

    @property
    def bots_at_most(self) -> int | None:
        """How many bots with their full capital fit into the limit; None where there is none."""
        if self.capital_in_all is None:
            return None
        return int((self.capital_in_all / self.capital_per_bot).to_integral_value(ROUND_FLOOR))


@dataclass(frozen=True, slots=True)
class TradingEnvironment:
    """One complete environment in which bots run.

    `after` names the environment whose bundles board. `pairs` are all that may be traded, in the order of the file; empty where freqtrade's pair
    lists choose (`dynamic_pairs`), or each strategy's own description. `stake` per trade in the stake currency, None for an equal share of the
    bot's capital per slot. `dry_run_wallet` is each bot's simulated wallet, None in a live environment. Strategies in `own_keys` have accounts of
    their own; all others share the one of `secrets`. In a `rehearsal` the exchange is one of the loopback.
    `freqtrade` holds further freqtrade settings, without any that the train owns.
    """

    name: str
    after: str
    mode: Mode
    exchange: str
    stake_currency: str
    stake: Decimal | None
    limits: TradingLimits
    boarding: Boarding | None
    """None where nothing runs in the environment before (it judges on history): a bundle that passed there boards."""
    brakes: Brakes
    approval: Approval
    promotion: Promotion
    roll_back: RollBack
    staying: tuple[Threshold, ...] = (KEEPS_ITS_PROMISE,)
    """What a bundle must go on showing while it runs here; where it fails, it goes."""
    pairs: tuple[str, ...] = ()
    dry_run_wallet: Decimal | None = None
    stoploss_on_exchange: bool = False
    freeze: Freeze = field(default_factory=Freeze)
    open_trades: OpenTrades = OpenTrades.CARRY
    drain_hours: float = 24.0
    runtime: RuntimeKind = RuntimeKind.PROCESS
    memory_mib: int = 1024
    stop_seconds: float = 60.0
    secrets: SecretNames = field(default_factory=SecretNames)
    own_keys: tuple[OwnKeys, ...] = ()
    bots_on_telegram: bool = False
    chat_control: bool = False
    """Whether the one chat may ask for the status, and stop entries."""
    rehearsal: bool = False
    freqtrade: dict[str, Plain] = field(default_factory=dict)

    @property
    def dry_run(self) -> bool:
        """Whether the money is simulated."""
        return self.mode is Mode.DRY_RUN

    def own_account(self, strategy: str) -> bool:
        """Whether a strategy has an account of its own."""
        return any(keys.strategy == strategy for keys in self.own_keys)

    def names_for(self, strategy: str) -> SecretNames:
        """The names under which the secrets of a strategy's bot come in."""
        keys = next((keys for keys in self.own_keys if keys.strategy == strategy), None)
        return keys.instead_of(self.secrets) if keys else self.secrets

    @property
    def dynamic_pairs(self) -> bool:
        """Whether freqtrade's pair lists choose the pairs, so that nobody knows beforehand whether two bots would trade the same one."""
        lists = self.freqtrade.get("pairlists")
        first = lists[0] if isinstance(lists, list) and lists else {}
        return isinstance(first, dict) and first.get("method", STATIC) != STATIC

    @property
    def largest_stake(self) -> Decimal:
        """What a trade opens with at the most: the stake, or an equal share of the bot's capital."""
        return self.limits.capital_per_bot / self.limits.max_open_trades if self.stake is None else self.stake

    @property
    def policy_digest(self) -> str:
        """Names what the environment demands of a bundle: before it boards, and while it runs."""
        return digest({"boarding": self.boarding, "brakes": self.brakes, "staying": self.staying})

    @property
    def digest(self) -> str:
        """Names the environment by what it asks for: everything but its name and the names of its secrets."""
        own = ("name", "secrets", "own_keys", "freeze", "chat_control")
        asked = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in own}
        freeze = {"time_zone": self.freeze.time_zone, "windows": _windows(self.freeze)}
        return digest({**asked, "freeze": freeze, "own_keys": sorted(keys.strategy for keys in self.own_keys)})


STATIC = "StaticPairList"


def pairs_for(environment: TradingEnvironment, own: Sequence[str]) -> tuple[str, ...]:
    """The pairs that a strategy trades in an environment: its own ones, as far as the environment lets them be traded.

    `own` are those that the strategy's description names, none where it leaves the choice. Empty where pair lists choose.

    Raises:
        ValueError: nothing is left to trade; the message is a sentence.
    """
    if environment.dynamic_pairs:
        return ()
    if not own:
        if environment.pairs:
            return environment.pairs
        raise ValueError(f"{environment.name} names no pairs, and neither does the strategy")
    pairs = tuple(pair for pair in own if not environment.pairs or pair in environment.pairs)
    if not pairs:
        raise ValueError(f"{environment.name} lets none of the strategy's pairs be traded: {', '.join(own)}")
    return pairs


def _windows(freeze: Freeze) -> list[list[str]]:
    return [[window.name, *(str(getattr(window, name)) for name in window.__slots__)] for window in freeze.windows]
