"""An Environment that judges on history: what is injected into one code base, from the money to the policy."""

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.domain.canonical import Plain, digest, plain
from pipeline.domain.job import Account, Limits
from pipeline.domain.policy import Policy
from pipeline.domain.windows import Point, WindowSpec

EMBEDDED = "embedded"
"""The reference of the simulated data set that the train makes by itself."""


class Mode(StrEnum):
    """How an environment trades.

    HISTORY replays candles, and nothing runs after the verdict (`Environment`, below); DRY_RUN runs bots with simulated money and LIVE with real
    money (`pipeline.domain.trading.TradingEnvironment`).
    """

    HISTORY = "history"
    DRY_RUN = "dry_run"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class DatasetReference:
    """Which data set is judged on: EMBEDDED, or a digest (`sha256:…`) with the repository (`owner/name`) whose releases hold it, or ""."""

    digest: str = EMBEDDED
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Slippage:
    """What bots were seen to lose on an order, as a ratio of what it came to, and where that was measured ("" where it was not)."""

    ratio: float = 0.0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """One complete environment, its variables filled in.

    `freqtrade` holds further freqtrade settings, without any that the train owns; freqtrade's own schema has not seen them yet.
    """

    name: str
    mode: Mode
    exchange: str
    dataset: DatasetReference
    account: Account
    windows: tuple[WindowSpec, ...]
    policy: Policy
    limits: Limits = field(default_factory=Limits)
    freqtrade: dict[str, Plain] = field(default_factory=dict)
    slippage: Slippage = field(default_factory=Slippage)

    @property
    def digest(self) -> str:
        """Names the environment by what it asks for: everything but its name and where its data set is fetched from."""
        measured: dict[str, object] = {"slippage": self.slippage.ratio} if self.slippage.ratio else {}
        return digest(
            {
                "mode": self.mode,
                "exchange": self.exchange,
                "dataset": self.dataset.digest,
                "account": self.account,
                "windows": [(w.name, _point(w.start), _point(w.end)) for w in self.windows],
                "policy": self.policy.digest,
                "limits": self.limits,
                "freqtrade": self.freqtrade,
                **measured,
            }
        )


def _point(point: Point) -> tuple[Plain, ...]:
    return point.share, point.before_end.total_seconds() if point.before_end else None, plain(point.date)
