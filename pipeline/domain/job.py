"""What the judge asks of the engine's child process, and what comes back: plain data, because a pipe lies between the two."""

from dataclasses import dataclass, field
from datetime import datetime

from pipeline.domain.canonical import Plain
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.trading_facts import TradingFacts
from pipeline.domain.verdict import Finding
from pipeline.domain.windows import Window


@dataclass(frozen=True, slots=True)
class Account:
    """The money that a backtest starts with.

    `wallet` in the stake currency; `stake` an amount in it, or None for an equal share of the wallet per slot ("unlimited" in freqtrade's
    words); `fee_ratio` per side, or None for the market snapshot's.
    """

    stake_currency: str
    wallet: float
    stake: float | None
    max_open_trades: int
    fee_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use: seconds of wall time, MiB of memory per process, MiB of answer."""

    seconds: float = 900.0
    memory_mib: int = 4096
    answer_mib: int = 64


BEHAVIOUR = "behaviour"
CONTRACT = "contract"
BACKTEST = "backtest"
BIAS = "bias"
REPLAY = "replay"
FACTS = "facts"


@dataclass(frozen=True, slots=True)
class Job:
    """One strategy, measured alone.

    `strategy_dir` holds the candidate's files and nothing else; `data_dir` freqtrade's candle files for `timeframe` and what it is joined
    with; `markets` the path of the frozen ccxt snapshot. `tasks` are among BEHAVIOUR (the strategy's own tests), CONTRACT, BIAS and BACKTEST,
    FACTS (what a report about open trades needs),
    or REPLAY alone: each window in turn on the candles of the folder `<data_dir>/<its place>`, which is there only when its turn comes.
    `freqtrade` are further freqtrade settings. `identity` names everything that can change the answer, by content: two jobs with one identity
    have one answer, wherever their files lie.
    """

    strategy_dir: str
    class_name: str
    exchange: str
    data_dir: str
    markets: str
    pairs: tuple[str, ...]
    timeframe: str
    windows: tuple[Window, ...]
    account: Account
    tasks: tuple[str, ...] = (BEHAVIOUR, CONTRACT, BACKTEST)
    parallel: int = 1
    start_method: str = ""
    limits: Limits = field(default_factory=Limits)
    freqtrade: dict[str, Plain] = field(default_factory=dict)
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a task has no result: the exception's type and message, and where in the strategy it was raised ("" and 0 where unknown)."""

    kind: str
    message: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """One window's closed trades, or the failure that left it without.

    `started_at` is the opening time of the first simulated candle and `ending_balance` freqtrade's own final balance, against which the
    recomputed equity is checked.
    """

    window: str
    trades: tuple[ClosedTrade, ...] = ()
    ending_balance: float = 0.0
    started_at: datetime | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """The child's whole answer; `cached` where it was given to an equal job before. `seconds` is how long it took then, from `started_at` on."""

    backtests: tuple[BacktestResult, ...]
    behaviour: tuple[Finding, ...]
    versions: dict[str, str]
    isolation: str
    peak_memory_mib: float = 0.0
    cached: bool = False
    started_at: str = ""
    seconds: float = 0.0
    bias: tuple[Finding, ...] = ()
    facts: TradingFacts | Failure | None = None
