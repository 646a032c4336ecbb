"""The device of the road with money on it: what bots earn, when they looped, a lease, a memory, and somebody who is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from pipeline.domain.bot import BotSpec
from pipeline.domain.bot_report import BotHealth, BotIdentity, Candle, Profit
from pipeline.domain.ledger import Entry, Head, read_entry, verify
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.trading import Boarding, Brake, BrakeAction, Brakes, TradingEnvironment
from pipeline.domain.train.plan import Order
from pipeline.domain.train.watching import Kept
from pipeline.errors import Refused, ToolFailed
from pipeline.flows.deploy import deploy
from pipeline.flows.road import Road
from pipeline.flows.watch import Round, Watching
from pipeline.flows.watch_post import Post
from tests.domain.trading.samples import LIVE
from tests.flows.road_ground import NEW, OLD, STRATEGY, Device, DeviceDoubts, FakeApi, FakeHomes, FakeLedger, running

STOPS, BACK = BrakeAction.STOP_ENTRIES, BrakeAction.STOP_AND_ROLL_BACK
BRAKED = replace(LIVE, brakes=Brakes(Brake(0.1, STOPS), Brake(0.05, STOPS), Brake(120.0, STOPS), Brake(3.0, STOPS)))
"""Capital 100: a drawdown of 10, or a loss of 5 since midnight."""
ROLLS_BACK = replace(BRAKED, brakes=Brakes(Brake(0.1, BACK), Brake(0.9, STOPS), Brake(120.0, STOPS), Brake(3.0, STOPS)))
DEMANDED = Boarding(0.01, 1)
"""36 s and one trade."""


@dataclass
class Bank(Device):
    """`earned` is what the database's closed trades tell, `floating` what open ones are worth beyond that; both in USDT."""

    closed: list[ClosedTrade] = field(default_factory=list)
    floating: Decimal | None = Decimal(0)
    hung_since: datetime | None = None
    lease_at: datetime | None = None
    kept: dict[str, Kept] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    candle_at: dict[str, datetime] = field(default_factory=dict)
    """Pair -> when its newest candle began; a pair that is not there has none."""
    failed_orders: tuple[datetime, ...] | None = ()

    def road(self, environment: TradingEnvironment | None = None) -> Road:
        return replace(
            super().road(environment),
            homes=BankHomes(self, own=environment or self.environment),
            ledger=BankLedger(self),
        )

    def post(self, demanded: Boarding = DEMANDED, observed_seconds: float = 900.0) -> Post:
        return Post(
            replace(self.road(), watcher=None), BankLease(self), BankMemory(self), DeviceDoubts(self), BankNotifier(self), demanded, 10.0,
            observed_seconds, order_errors=BankOrderErrors(self),
        )  # fmt: skip

    def round(self) -> Round:
        """One round by a watch that has just been started."""
        return Watching(self.post()).round()

    def closes(self, profit: float, opened_seconds_ago: float = 1.0) -> None:
        """A trade is closed now."""
        now = self.clock.now()
        opened = now - timedelta(seconds=opened_seconds_ago)
        self.closed.append(
            ClosedTrade("BTC/USDT", opened, now, 1.0, 1.0, 1.0, 20.0, 0.0, 0.0, profit, profit / 20, "", "roi")
        )

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def count(self, kind: str) -> int:
        return self.kinds().count(kind)


@dataclass
class BankLedger(FakeLedger):
    """Reads the same lines only once."""

    def entries(self) -> tuple[Entry, ...]:
        return _entries(tuple(self.device.lines), self.device.head)


@lru_cache(maxsize=512)
def _entries(lines: tuple[bytes, ...], head: Head) -> tuple[Entry, ...]:
    if breaks := verify(lines, head):
        raise Refused("\n".join(map(str, breaks)))
    return tuple(_entry(text) for text in lines)


_entry = lru_cache(maxsize=4096)(read_entry)


@dataclass
class BankHomes(FakeHomes):
    device: Bank

    def hold(self, spec: BotSpec, reason: str) -> None:
        if self.device.full_disk:
            raise ToolFailed("no space left on device")
        super().hold(spec, reason)

    def bot(self, spec: BotSpec) -> "BankApi":
        super().bot(spec)
        return BankApi(self.device, spec)


@dataclass
class BankApi(FakeApi):
    device: Bank

    def health(self) -> BotHealth:
        said = super().health()
        hung = self.device.hung_since
        return replace(said, last_loop_at=min(said.last_loop_at, hung)) if hung and said.last_loop_at else said

    def profit(self) -> Profit:
        self.process()
        earned = sum((Decimal(str(trade.profit)) for trade in self.device.closed), Decimal(0))
        with_open = None if self.device.floating is None else earned + self.device.floating
        return Profit(earned, with_open, len(self.device.closed), 0)

    def closed_trades(self) -> tuple[ClosedTrade, ...]:
        self.process()
        self.device.asked.append("closed trades")
        return tuple(self.device.closed)

    def identity(self) -> BotIdentity:
        return replace(super().identity(), timeframe="5m")

    def pairs(self) -> tuple[str, ...]:
        self.process()
        return tuple(self.device.candle_at)

    def candle(self, pair: str, timeframe: str) -> Candle | None:
        self.process()
        self.device.asked.append(f"candles of {pair}")
        return Candle(self.device.candle_at[pair], timedelta(minutes=5))


@dataclass
class BankOrderErrors:
    device: Bank

    def of(self, strategy: str) -> tuple[datetime, ...] | None:
        return self.device.failed_orders


@dataclass
class BankLease:
    device: Bank

    def touch(self) -> None:
        def now() -> None:
            self.device.lease_at = self.device.clock.now()

        self.device.changing("lease", now)


@dataclass
class BankMemory:
    device: Bank

    def load(self) -> Mapping[str, Kept]:
        return dict(self.device.kept)

    def save(self, kept: Mapping[str, Kept]) -> None:
        if self.device.full_disk:
            raise ToolFailed("no space left on device")

        def write() -> None:
            self.device.kept = dict(kept)

        self.device.changing("memory", write)


@dataclass
class BankNotifier:
    device: Bank

    def tell(self, title: str, text: str) -> None:
        self.device.told.append(f"{title}: {text}")


def bank(tmp_path: Path, environment: TradingEnvironment = BRAKED) -> Bank:
    """The old bundle runs and is known to be good; it is one in the afternoon."""
    made = running(tmp_path, environment, trades=0)
    device = Bank(**{one.name: getattr(made, one.name) for one in fields(made) if one.init})
    device.wait(13 * 3600.0)
    return device


def with_new(tmp_path: Path, environment: TradingEnvironment = ROLLS_BACK) -> Bank:
    """The new bundle runs, and the old one is known to be good."""
    device = bank(tmp_path, environment)
    deploy(Order(STRATEGY, NEW, "operator"), device.road())
    assert device.entering() == [NEW]
    device.wait(60.0)
    device.calls = 0
    return device


def bot_name(environment: TradingEnvironment = BRAKED, slot: str = "a") -> str:
    return f"{environment.name}-{STRATEGY}-{slot}"


__all__ = ["BRAKED", "NEW", "OLD", "ROLLS_BACK", "STOPS", "STRATEGY", "Bank", "bank", "bot_name", "with_new"]
