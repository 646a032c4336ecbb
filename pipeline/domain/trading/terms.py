"""On which terms a bundle trades in an environment: what it shows before it boards, who approves, and which brakes act alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pipeline.domain.metrics import ACCOUNT_METRICS, RUNNING_METRICS
from pipeline.domain.policy import Scope, Span, Threshold
from pipeline.domain.verdict import Subject

OBSERVED_METRICS = (*ACCOUNT_METRICS, *RUNNING_METRICS)
"""What is measured of a running bot: everything that follows from its closed trades, its equity curve, and a replay of its time."""

PROMISED_METRICS = ("profit_mean_ratio", "win_rate_ratio", "profit_factor", "expectancy_ratio", "edge_high_ratio")
"""What a backtest promises of single trades, however long it was and however much money it had."""

KEEPS_ITS_PROMISE = Threshold("edge_high_ratio", Scope(Span.ALL_TOGETHER), at_least=0.0, relative_to=Subject.BACKTEST)
"""The least that a bundle must go on showing: that its trades earn what the backtest promised is not refuted."""


@dataclass(frozen=True, slots=True)
class Boarding:
    """What a bundle must show in the environment before this one.

    `healthy_hours` is how long its bot must have been healthy there; `closed_trades` how many trades it must have closed; `thresholds` are
    further demands on what was observed of it.
    """

    healthy_hours: float = 0.0
    closed_trades: int = 0
    thresholds: tuple[Threshold, ...] = ()

    @property
    def healthy_for(self) -> timedelta:
        """`healthy_hours` as a length of time."""
        return timedelta(hours=self.healthy_hours)

    @property
    def demands(self) -> tuple[Threshold, ...]:
        """All demands on observed numbers in the policy's language; too few trades are INCONCLUSIVE ("not enough trades (12 of 30)")."""
        enough = Threshold("trades", Scope(Span.ALL_TOGETHER), at_least=float(self.closed_trades))
        return (enough, *self.thresholds) if self.closed_trades else self.thresholds


class BrakeAction(StrEnum):
    """What a brake does, at once and alone."""

    STOP_ENTRIES = "stop_entries"
    """No new positions; exits go on."""
    STOP_AND_ROLL_BACK = "stop_and_roll_back"
    """No new positions, and the last known good bundle takes over."""


@dataclass(frozen=True, slots=True)
class Brake:
    """A hard limit: beyond `limit` the action is taken."""

    limit: float
    action: BrakeAction


BRAKES = (
    *("drawdown_max_ratio", "daily_loss_max_ratio", "heartbeat_seconds", "consecutive_losses"),
    *("stale_candles", "order_errors", "account_loss_max_ratio"),
)
"""The names of all brakes there are."""


@dataclass(frozen=True, slots=True)
class Brakes:
    """The brakes of each bot, whose capital is what it was given: `capital_per_bot`, or less.

    `drawdown_max_ratio`: the fall of its equity from the highest it had, as a share of that. `daily_loss_max_ratio`: what it lost since
    midnight UTC, open positions included, as a share of what it had then. `heartbeat_seconds`: how long its loop may be silent.
    `consecutive_losses`: losing trades in a row. `stale_candles`: candles that were due since the newest that its pairs have. `order_errors`:
    orders in a row that failed. `account_loss_max_ratio`: what all bots of its account together lost since midnight UTC, as a share of what they had.
    """

    drawdown_max_ratio: Brake
    daily_loss_max_ratio: Brake
    heartbeat_seconds: Brake
    consecutive_losses: Brake | None = None
    stale_candles: Brake | None = None
    order_errors: Brake | None = None
    account_loss_max_ratio: Brake | None = None

    def named(self) -> Iterator[tuple[str, Brake]]:
        """Every brake that is there, with its name."""
        for name in BRAKES:
            brake = getattr(self, name)
            if brake is not None:
                yield name, brake


class Team(StrEnum):
    """Whether there is anybody else who could approve."""

    SOLO = "solo"
    """The author may approve."""
    SEVERAL = "several"
    """The signer must not be the author."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Whether a person signs before anything boards, who may, and for how long a signature holds.

    `allowed_signers` is the path of a file in the form of git's `gpg.ssh.allowedSignersFile`: relative to the repository (then it is read from
    the protected main), or absolute (then only root may write it).
    """

    required: bool
    team: Team = Team.SEVERAL
    allowed_signers: str = ""
    valid_hours: float = 24.0

    @property
    def valid_for(self) -> timedelta:
        """`valid_hours` as a length of time."""
        return timedelta(hours=self.valid_hours)
