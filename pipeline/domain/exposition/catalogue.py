"""Every metric that a device exposes: its name, unit, labels and meaning. The labels' values are few, and never a text, a pair or a trade."""

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "freqtrain_"
OF_STRATEGY = ("environment", "strategy")

PARTS = ("environment_file", "ledger", "observations", "watch", "notices")
"""What is read of each environment; it can fail without the others."""

DEVICE_PARTS = ("runtime", "disk")
STATES = ("running", "paused", "stopped", "silent", "strange", "down")
"""What a bot's state was at the last look."""

HOLDS = ("stop", "brake", "block", "drain", "retirement", "doubt", "move")
BRAKES = (
    *("heartbeat_seconds", "drawdown_max_ratio", "daily_loss_max_ratio", "consecutive_losses"),
    *("stale_candles", "order_errors", "account_loss_max_ratio"),
)
DECISIONS = ("promote", "hold", "roll_back")


class Kind(StrEnum):
    """How a metric moves: up and down, only up (it may begin anew), or not at all (its labels tell)."""

    GAUGE = "gauge"
    COUNTER = "counter"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; `name` is without the prefix, and without the ending that its kind adds: `_total` or `_info`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str

    @property
    def exposed(self) -> str:
        """The name as a query asks for it."""
        ending = {Kind.COUNTER: "_total", Kind.INFO: "_info"}.get(self.kind, "")
        return f"{PREFIX}{self.name}{ending}"


def _device(name: str, help_: str, *labels: str, kind: Kind = Kind.GAUGE) -> Metric:
    return Metric(name, kind, labels, help_)


def _environment(name: str, help_: str, *labels: str, kind: Kind = Kind.GAUGE) -> Metric:
    return Metric(name, kind, ("environment", *labels), help_)


def _strategy(name: str, help_: str, *labels: str, kind: Kind = Kind.GAUGE) -> Metric:
    return Metric(name, kind, (*OF_STRATEGY, *labels), help_)


CATALOGUE = (
    _device("build", "The version of freqtrain that exposes this.", "version", kind=Kind.INFO),
    _device("disk_free_bytes", "What is free on the disk that holds the device's home."),
    _device("disk_size_bytes", "The size of that disk."),
    _device(
        "scrape_problem",
        "1 where a part could not be read at this scrape; what it would have told is missing then. `environment` is empty for the device's parts.",
        *("environment", "part"),
    ),
    _device("scrape_seconds", "How long it took to read all of this."),
    _environment(
        "environment", "An environment with a ledger on this device; `mode` is dry_run or live.", "mode", kind=Kind.INFO
    ),
    _environment(
        "watched",
        "1 where somebody watches, the last round is recent and the lease is kept. Only where there is something to be watched.",
    ),
    _environment("watch_round_age_seconds", "How long ago the watch's last round was."),
    _environment("lease_age_seconds", "How long ago the lease was kept; live bots enter nothing once it is old."),
    _environment("ledger_entries", "Entries in the environment's ledger.", kind=Kind.COUNTER),
    _environment("blocked_bundles", "Bundles that may not board until a person lifts the block."),
    _environment("observations_size_bytes", "The size of the observations' file, with what SQLite keeps beside it."),
    _environment("notice_channels", "Channels by which people elsewhere are told what happens; 0: nobody is told."),
    _environment(
        "notice_channels_failing",
        "How many of them could not be told when that was tried last; the dead man's ping and the chat that is listened to count as well.",
    ),
    _environment("notices_undelivered", "Notices that some channel was not told yet, or that had no room."),
    _environment("brake_limit", "The limit of a brake, in the unit that the brake's name says.", "brake"),
    _strategy("bundle", "The bundle that should run: the first twelve digits of its digest.", "bundle", kind=Kind.INFO),
    _strategy("deployed_age_seconds", "How long ago the bundle was deployed."),
    _strategy("deploying", "1 while a plan that brings a bundle or takes it back is not ended."),
    _strategy(
        "bot_up",
        "1 where the process of the bot that should run is there; of bots in containers, where the last look found it.",
    ),
    _strategy("bot_gave_up", "1 where the bot crashed too often and is not started again by itself."),
    _strategy("bot_restarts", "How often the bot was started again after a crash.", kind=Kind.COUNTER),
    _strategy("stray_bots", "Bots that run and should not, while no plan is under way."),
    _strategy("bot_state", "1 for the state of the bot at the last look.", "state"),
    _strategy("entries_allowed", "1 where the bot runs, says so, was looked at lately, and nothing holds its entries."),
    _strategy("hold", "1 for each kind of hold that keeps the bundle from entering.", "kind"),
    _strategy("brake", "1 for each brake that was reached and holds the bundle.", "brake"),
    _strategy("balance", "The bundle's balance, closed trades only.", "currency"),
    _strategy("equity", "The bundle's balance with its open positions at current prices.", "currency"),
    _strategy("equity_peak", "The highest equity since the bundle was deployed, or a person released it.", "currency"),
    _strategy(
        "drawdown_ratio",
        "How far the equity lies below that highest one, as a share of it; the brake has its own, older points too.",
    ),
    _strategy("profit", "What the closed trades of all the strategy's bundles earned, after fees.", "currency"),
    _strategy("open_trades", "Open trades."),
    _strategy("closed_trades", "Closed trades of all the strategy's bundles.", kind=Kind.COUNTER),
    _strategy("winning_trades", "Those of them with a profit above zero.", kind=Kind.COUNTER),
    _strategy("fees", "Fees that all the strategy's bundles paid.", "currency", kind=Kind.COUNTER),
    _strategy("bundle_closed_trades", "Closed trades of the bundle that should run."),
    _strategy("bundle_winning_trades", "Those of them with a profit above zero."),
    _strategy("slippage_ratio", "The mean by which the bundle's fills were worse than its orders' prices."),
    _strategy("healthy_seconds", "For how long the bundle was healthy in this environment, by the ledger."),
    _strategy("known_good", "1 where the bundle was healthy for its whole soak and is not blocked."),
    _strategy("loop_age_seconds", "How long ago the bot's last known loop was."),
    _strategy("observation_age_seconds", "How long ago the bot was looked at last."),
    _strategy("errors", "Looks at the bot that failed, of all the strategy's bundles.", kind=Kind.COUNTER),
    _strategy("decision", "1 for the latest decision about the bundle.", "decision"),
    _strategy("decision_age_seconds", "How long ago that was decided."),
)
"""In the order in which they are exposed."""

BY_NAME = {metric.name: metric for metric in CATALOGUE}
