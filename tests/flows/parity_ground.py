"""A bot that traded four days of simulated candles in a dry-run, its real bundle, and whoever replays them."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.adapters.datasets import DataSet
from pipeline.adapters.observations.reader import ObservationReader
from pipeline.adapters.observations.store import ObservationStore
from pipeline.domain.bundle import Bundle
from pipeline.domain.job import BacktestResult, Job, Measured
from pipeline.domain.trades import ClosedTrade, Fill
from pipeline.domain.train.plan import Order
from pipeline.domain.train.samples import Sample
from pipeline.flows.deploy import deploy
from pipeline.flows.parity import ParityGround
from pipeline.flows.road import Road
from pipeline.ports import Backtester
from tests.domain.trading.samples import DRY
from tests.fakes import FakeBacktester, FakeClock
from tests.flows.promote_ground import FIRST, KeptBundles, stored
from tests.flows.road_ground import OLD, STRATEGY
from tests.flows.watch_ground import Bank
from tests.small_sets import small_set
from tests.trading_styles import write_style

BEGAN = datetime(2025, 12, 28, 6, 0, 30, tzinfo=UTC)
"""When the bundle was deployed; the candles begin six hours before."""
END = datetime(2026, 1, 1, tzinfo=UTC)
CANDLE = timedelta(minutes=5)
FIRST_CANDLE = BEGAN.replace(minute=5, second=0)


@dataclass
class Replayed:
    """The device, the data set, and what replays: `theirs` where nothing real does."""

    bank: Bank
    data: DataSet
    bundle: Bundle
    scratch: Path
    theirs: list[ClosedTrade] = field(default_factory=list)
    backtester: Backtester | None = None
    against: list[tuple[str, str]] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)

    def road(self) -> Road:
        kept = replace(stored(OLD, STRATEGY, 1, FIRST), bundle=self.bundle)
        return replace(self.bank.road(), bundles=KeptBundles({OLD: kept}))

    def ground(self) -> ParityGround:
        file = self.bank.root / "observations.sqlite"
        past = ObservationReader(file) if file.exists() else None
        replays = self.backtester or FakeBacktester(self._answer)
        return ParityGround(self.road(), past, self.data, replays, lambda _: self.against, self.scratch)

    def observed(self, trades: Sequence[ClosedTrade], states: Sequence[tuple[datetime, str]] = ()) -> None:
        """What the watch kept of the bundle."""
        with closing(
            ObservationStore(self.bank.root / "observations.sqlite", self.bank.clock, self.bank.narrator)
        ) as kept:
            kept.record_trades(STRATEGY, OLD, "USDT", trades)
            kept.record([Sample(STRATEGY, OLD, "USDT", at, state) for at, state in states or [(BEGAN, "running")]])

    def opening(self, pair: str, at: datetime) -> float:
        frame = self.data.frame(pair, "5m")
        return float(frame.loc[frame["date"] == at, "open"].iloc[0])

    def trade(self, candle: int, pair: str = "BTC/USDT", length: int = 6, tag: str = "in") -> ClosedTrade:
        """Entered so many candles after the bundle's first one, at the opening, and left at another one's."""
        opened, closed = FIRST_CANDLE + candle * CANDLE, FIRST_CANDLE + (candle + length) * CANDLE
        bought, sold = self.opening(pair, opened), self.opening(pair, closed)
        fills = (Fill("buy", opened, bought, 1.0), Fill("sell", closed, sold, 1.0))
        profit = sold - bought
        return ClosedTrade(
            pair, opened, closed, bought, sold, 1.0, bought, 0.0, 0.0, profit, profit / bought, tag, "roi", fills
        )

    def _answer(self, job: Job) -> Measured:
        self.jobs.append(job)
        results = [
            BacktestResult(one.name, tuple(t for t in self.theirs if one.start <= t.opened_at < one.end))
            for one in job.windows
        ]
        return Measured(tuple(results), (), {}, "none")


def replayed(tmp_path: Path, data: DataSet | None = None) -> Replayed:
    """The bundle ran from BEGAN to the end of the candles, released at once."""
    bank = Bank(tmp_path, DRY, FakeClock(BEGAN))
    deploy(Order(STRATEGY, OLD, "operator"), bank.road())
    bank.clock.at = END + timedelta(minutes=2)
    folder = write_style(tmp_path / "written", {}, timeframe="5m")
    bundle = Bundle(STRATEGY, "Styled", "", (), {}, {"strategy.py": (folder / "strategy.py").read_bytes()})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Replayed(bank, data or small_set(tmp_path / "data", 7), bundle, scratch)
