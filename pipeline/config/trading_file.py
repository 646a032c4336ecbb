"""The keys of environments/<name>.yml where bots run: their types, defaults and meanings."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from pipeline.config.environment_file import Currency, Exchange, Settings
from pipeline.config.fields import Strict, ThresholdEntry
from pipeline.config.money import MomentField, Money, Ratio, TradingStake
from pipeline.config.trading_fields import After, Name, Pair, SignersFile, StrategyId
from pipeline.domain.trading.secrets import SecretNames

NAMES = SecretNames()
Action = Literal["stop_entries", "stop_and_roll_back"]
_ACTION = "stop_entries, or stop_and_roll_back to the last known good bundle"


class TradingLimitsEntry(Strict):
    """How much may be at work."""

    capital_per_bot: Money | None = Field(
        None, description="the most that one bot trades with, in the stake currency; a dry_run's default is its wallet"
    )
    capital_in_all: Money | None = Field(None, description="the most that all bots together trade with")
    max_open_trades: int = Field(ge=1, le=1000, description="slots of each bot: how many trades may be open at once")


class BoardingEntry(Strict):
    """What a bundle must show in the environment before."""

    healthy_hours: float = Field(ge=0, le=8760, description="how long its bot must have been healthy there")
    closed_trades: int = Field(ge=0, le=1_000_000, description="how many trades it must have closed there")
    thresholds: tuple[ThresholdEntry, ...] = Field(
        (), description="demands on what was observed of it, as in a policy; the scope is all_together"
    )


class StayingEntry(Strict):
    """What a bundle must go on showing while it runs."""

    thresholds: tuple[ThresholdEntry, ...] = Field(
        description="demands on what is observed of it; one that fails takes it back, as far as roll_back says"
    )


class RatioBrakeEntry(Strict):
    """A brake on a share of money."""

    limit: Ratio = Field(description="share of the bot's money, such as 10%")
    action: Action = Field(description=_ACTION)


class SecondsBrakeEntry(Strict):
    """A brake on silence."""

    limit: float = Field(ge=1, le=86_400, description="how long the bot's loop may be silent, in seconds")
    action: Action = Field(description=_ACTION)


class CountBrakeEntry(Strict):
    """A brake on a count."""

    limit: int = Field(ge=2, le=1000, description="how many are too many")
    action: Action = Field(description=_ACTION)


class BrakesEntry(Strict):
    """Hard limits of each bot, which act alone and at once."""

    drawdown_max_ratio: RatioBrakeEntry = Field(
        description="fall of the bot's equity from the highest it had, as a share of that"
    )
    daily_loss_max_ratio: RatioBrakeEntry = Field(
        description="loss since midnight UTC, open positions included, as a share of the equity then"
    )
    heartbeat_seconds: SecondsBrakeEntry = Field(description="silence of the bot's loop")
    consecutive_losses: CountBrakeEntry | None = Field(None, description="losing trades in a row")
    stale_candles: CountBrakeEntry | None = Field(
        None, description="candles that were due since the newest one that the bot's pairs have"
    )
    order_errors: CountBrakeEntry | None = Field(
        None, description="orders in a row that the exchange refused, or whose answer was lost"
    )
    account_loss_max_ratio: RatioBrakeEntry | None = Field(
        None,
        description="loss since midnight UTC of all bots that share the account, open positions included, as a share of their equity then",
    )


class ApprovalEntry(Strict):
    """Who signs before anything boards."""

    required: bool = Field(description="whether a person must sign before anything boards")
    team: Literal["solo", "several"] = Field(
        "several", description="several: the signer must not be the author; solo: the author may sign"
    )
    allowed_signers: SignersFile | None = Field(
        None,
        description="git's file of allowed signers: in the repository (read from the protected main), or absolute (only root may write it)",
    )
    valid_hours: float = Field(24.0, gt=0, le=720, description="how long a signature holds")


class FreezeWindowEntry(Strict):
    """A stretch of time in which nothing boards."""

    name: str = Field(min_length=1, max_length=60, description="what messages call it")
    start: MomentField = Field(alias="from", description="Fri 18:00 (every week), 18:00 (every day) or 2026-12-24")
    end: MomentField = Field(alias="to", description="in the same form; a date is the first day that is free again")


class FreezeEntry(Strict):
    """When nothing boards; brakes, stops and roll-backs always may."""

    time_zone: str = Field(default="UTC", description="whose clock is meant, such as UTC or Europe/Vienna")
    windows: tuple[FreezeWindowEntry, ...] = Field(
        default=(), max_length=100, description="stretches in which nothing boards"
    )


class VariableNamesEntry(Strict):
    """Names of the variables that the GitHub Environment injects."""

    exchange_name: Name = Field(default="EXCHANGE_NAME", description="takes the place of exchange, where it is set")
    dry_run: Name = Field(
        default="DRY_RUN", description="true or false: must agree with mode, and be set where that is live"
    )


class SecretNamesEntry(Strict):
    """Names of secrets, never their values."""

    access_key: Name = Field(
        default=NAMES.access_key, description="the key to the exchange; a live environment needs it"
    )
    access_secret: Name = Field(default=NAMES.access_secret, description="the secret that belongs to the key")
    access_password: Name = Field(
        default=NAMES.access_password, description="the password (passphrase) that some exchanges ask for as well"
    )
    telegram_token: Name = Field(
        default=NAMES.telegram_token, description="a Telegram bot's token; notifications are optional"
    )
    telegram_chat_id: Name = Field(default=NAMES.telegram_chat_id, description="the chat that is told")
    apprise_url: Name = Field(default=NAMES.apprise_url, description="any other messenger, as an apprise URL")
    ping_url: Name = Field(
        default=NAMES.ping_url,
        description="an address that is asked after each good round, and alarms you when it is not",
    )


class OwnKeysEntry(Strict):
    """Keys to an account that one strategy has for itself."""

    strategy: StrategyId = Field(description="the strategy's folder")
    access_key: Name = Field(description="name of the key to its account")
    access_secret: Name = Field(description="name of the secret that belongs to the key")
    access_password: Name | None = Field(None, description="name of the password, for exchanges that ask for one")


class TradingEnvironmentFile(Strict):
    """One environment with bots, complete: files do not inherit from each other."""

    mode: Literal["dry_run", "live"] = Field(
        description="how it trades: dry_run with simulated money, live with real money; written out, never a variable"
    )
    after: After = Field(description="the environment whose bundles board here")
    exchange: Exchange = Field(description="the exchange; the variable EXCHANGE_NAME, where it is set, takes its place")
    stake_currency: Currency = Field(description="the currency that is staked, and in which profit is counted")
    pairs: tuple[Pair, ...] = Field(
        (), max_length=500, description="all that may be traded; without them, pair lists or the strategies choose"
    )
    stake: TradingStake = Field(
        description="per trade: unlimited (an equal share of the bot's capital per slot), an amount, or 20% of the bot's capital"
    )
    dry_run_wallet: Money | None = Field(None, description="each bot's simulated wallet; only in a dry_run")
    limits: TradingLimitsEntry = Field(description="how much may be at work")
    boarding: BoardingEntry | None = Field(
        None, description="what a bundle must show in the environment before, if bots run there"
    )
    staying: StayingEntry | None = Field(
        None,
        description="what a bundle must go on showing here; by default that edge_high_ratio is at least the backtest's mean profit per trade",
    )
    brakes: BrakesEntry = Field(description="hard limits of each bot, which act alone and at once")
    approval: ApprovalEntry = Field(description="who signs before anything boards")
    promotion: Literal["manual", "automatic"] | None = Field(
        None, description="who lets bundles board that earned it; a dry_run's default is automatic, live is manual"
    )
    roll_back: Literal["manual", "brakes", "automatic"] | None = Field(
        None,
        description="who takes bundles back: only persons, brakes too, or bad verdicts too (a dry_run's default; live is brakes)",
    )
    freeze: FreezeEntry = Field(default_factory=FreezeEntry, description="when nothing boards")
    open_trades: Literal["carry", "drain", "exit"] = Field(
        "carry", description="when another bundle takes over: it manages them, the old one ends them, or they are sold"
    )
    drain_hours: float = Field(24.0, gt=0, le=2160, description="how long a drain may take")
    stoploss_on_exchange: bool = Field(
        False, description="whether stop losses lie on the exchange, where they hold though no bot runs"
    )
    runtime: Literal["process", "compose"] = Field("process", description="what keeps the bots running")
    memory_mib: int = Field(1024, ge=512, le=1 << 20, description="memory of each bot, in MiB")
    stop_seconds: float = Field(60.0, ge=10, le=3600, description="how long a bot may take to finish its loop and end")
    variables: VariableNamesEntry = Field(
        default_factory=VariableNamesEntry, description="names of the variables that are injected"
    )
    secrets: SecretNamesEntry = Field(
        default_factory=SecretNamesEntry, description="names of the secrets that are injected"
    )
    own_keys: tuple[OwnKeysEntry, ...] = Field(
        (),
        max_length=100,
        description="strategies with an account of their own; all others share the one under secrets",
    )
    bots_on_telegram: bool = Field(
        False, description="let bots speak on Telegram for themselves; it serves one bot a token, so only with one bot"
    )
    chat_control: bool = Field(
        False, description="whether the chat of telegram_chat_id may ask how it stands, and stop entries; it never buys"
    )
    rehearsal: bool = Field(
        False,
        description="only in a rehearsal's own files: the exchange is one of the loopback, and nothing else is reached",
    )
    freqtrade: Settings = Field(
        default_factory=dict,
        description="any other freqtrade setting, such as pricing or pair lists; what the train owns is refused",
    )

    refused_keys: ClassVar[Mapping[str, str]] = {
        "name": "is not written here: the file's name is the environment's name",
        "extends": "is not known: an environment is one complete file",
        "api_key": "is a secret; the file holds its name only, under secrets",
        "secret": "is a secret; the file holds its name only, under secrets",
        "dry_run": "follows from mode",
        "dataset": "belongs to an environment that judges on history",
        "windows": "belongs to an environment that judges on history; freeze.windows is when nothing boards",
        "policy": "belongs to an environment that judges on history; boarding says what must be shown before",
    }
