"""A bot that trades when a test says so; see `ports.Bot`."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pipeline.domain.bot_report import (
    Balance,
    BotHealth,
    BotIdentity,
    Candle,
    CoinBalance,
    LogLine,
    OpenTrade,
    Profit,
    Trading,
)
from pipeline.domain.trades import ClosedTrade
from pipeline.errors import ToolFailed
from pipeline.ports import Clock


@dataclass
class FakeBot:
    """Starts paused. `answers` False makes it silent, `hears` False makes its loop deaf to a stop."""

    clock: Clock
    name: str = "test-eager-a"
    bundle: str = "sha256:" + "ab" * 32
    class_name: str = "Eager"
    dry_run: bool = True
    capital: Decimal = Decimal(100)
    state: Trading = Trading.PAUSED
    trades: list[OpenTrade] = field(default_factory=list)
    closed: list[ClosedTrade] = field(default_factory=list)
    lines: list[LogLine] = field(default_factory=list)
    last_loop_at: datetime | None = None
    started_at: datetime | None = None
    answers: bool = True
    hears: bool = True

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()
        self._log(f"Changing state to: {self.state.name}")
        self.loop()

    def loop(self) -> None:
        """Finish a loop."""
        self.last_loop_at = self.clock.now()

    def identity(self) -> BotIdentity:
        self._answer()
        return BotIdentity(
            self.name,
            self.bundle,
            self.class_name,
            self.dry_run,
            self.state,
            "binance",
            "USDT",
            self.capital,
            "2026.9",
            "1m",
        )

    def pairs(self) -> tuple[str, ...]:
        self._answer()
        return ("BTC/USDT", "ETH/USDT")

    def candle(self, pair: str, timeframe: str) -> Candle | None:
        """The newest whole one by the last loop."""
        self._answer()
        if self.last_loop_at is None or pair not in self.pairs():
            return None
        length = timedelta(minutes=1)
        began = self.last_loop_at - length
        return Candle(began - (began - datetime(2020, 1, 1, tzinfo=UTC)) % length, length)

    def health(self) -> BotHealth:
        self._answer()
        return BotHealth(self.last_loop_at, self.started_at)

    def open_trades(self) -> tuple[OpenTrade, ...]:
        self._answer()
        return tuple(sorted(self.trades, key=lambda trade: trade.id))

    def closed_trades(self) -> tuple[ClosedTrade, ...]:
        self._answer()
        return tuple(sorted(self.closed, key=lambda trade: (trade.closed_at, trade.pair)))

    def balance(self) -> Balance:
        self._answer()
        held = sum((trade.stake for trade in self.trades), Decimal(0))
        earned = sum((Decimal(str(trade.profit)) for trade in self.closed), Decimal(0))
        free = 10_000 + earned - held
        coin = CoinBalance("USDT", free, Decimal(0), free)
        return Balance((coin,), "USDT", free + held, self.capital, self.capital)

    def profit(self) -> Profit:
        self._answer()
        closed = sum((Decimal(str(trade.profit)) for trade in self.closed), Decimal(0))
        still_open = sum((trade.profit or Decimal(0) for trade in self.trades), Decimal(0))
        return Profit(closed, closed + still_open, len(self.closed), len(self.trades))

    def logs(self, since: datetime | None = None) -> tuple[LogLine, ...]:
        self._answer()
        return tuple(line for line in self.lines if since is None or line.at > since)

    def start(self) -> None:
        self._turn(Trading.RUNNING)

    def stop_entries(self) -> None:
        self._turn(Trading.PAUSED)

    def stop(self, deadline_seconds: float) -> None:
        self._answer()
        if not self.hears:
            self.state = Trading.STOPPED
            self.clock.sleep(deadline_seconds)
            raise ToolFailed(f"the bot did not finish its loop within {deadline_seconds:g} s after it was told to stop")
        self._turn(Trading.STOPPED)

    def force_exit(self, trade_id: int | None = None) -> None:
        self._answer()
        leaving = [trade for trade in self.trades if trade_id in (None, trade.id)]
        if self.state is Trading.STOPPED or (trade_id is not None and not leaving):
            raise ToolFailed("the bot refuses /forceexit")
        for trade in leaving:
            self.trades.remove(trade)
            self.closed.append(self._closed(trade))

    def _closed(self, trade: OpenTrade) -> ClosedTrade:
        return ClosedTrade(
            pair=trade.pair,
            opened_at=trade.opened_at,
            closed_at=self.clock.now(),
            open_rate=float(trade.open_rate),
            close_rate=float(trade.current_rate or trade.open_rate),
            amount=float(trade.amount),
            stake=float(trade.stake),
            fee_open_ratio=0.001,
            fee_close_ratio=0.001,
            profit=float(trade.profit or 0),
            profit_ratio=float((trade.profit or Decimal(0)) / trade.stake),
            enter_tag=trade.enter_tag,
            exit_reason="force_exit",
        )

    def _turn(self, state: Trading) -> None:
        self._answer()
        if state is not self.state:
            self._log(f"Changing state from {self.state.name} to: {state.name}")
            self.state = state
        self.loop()

    def _log(self, text: str) -> None:
        self.lines.append(LogLine(self.clock.now(), "freqtrade.worker", "INFO", text))

    def _answer(self) -> None:
        if not self.answers:
            raise ToolFailed("the bot does not answer: nothing listens there")


def position(clock: Clock, id: int = 1, pair: str = "BTC/USDT", profit: str = "-0.05") -> OpenTrade:
    """An open trade of 20 USDT."""
    return OpenTrade(
        id=id,
        pair=pair,
        is_short=False,
        opened_at=clock.now(),
        amount=Decimal("0.0003"),
        stake=Decimal(20),
        open_rate=Decimal(60_000),
        current_rate=Decimal(60_000),
        profit=Decimal(profit),
        stop_rate=Decimal(30_000),
        stop_ratio=-0.5,
        enter_tag="",
    )
