"""A bundle and the time that it stood, fitted to a data set: which stretches can be replayed, on which pairs, and by which job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from pipeline.domain.bundle import Bundle
from pipeline.domain.canonical import Plain
from pipeline.domain.dataset import MARKETS_FILE
from pipeline.domain.environment import DatasetReference, Environment, Mode
from pipeline.domain.job import BACKTEST, Account, Job, Limits
from pipeline.domain.parity.compare import IN_TIME
from pipeline.domain.policy import Policy
from pipeline.domain.strategy import Candidate, StrategySpec
from pipeline.domain.timeframes import TIMEFRAMES
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.trading.environment import pairs_for
from pipeline.domain.train.state import Deployment
from pipeline.domain.windows import Point, Window, WindowSpec
from pipeline.errors import Problem, Refused
from pipeline.flows.gate_fit import Fitted, fit
from pipeline.ports import Candles

LEAST = 3 * IN_TIME
"""Candles; of a shorter stretch nothing but its edges would be left."""

_ALL = WindowSpec("all", Point(share=0.0), Point(share=1.0))
_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Replayable:
    """What a data set holds for a bundle.

    `pairs` can be replayed and `lacking` not; `bot_pairs` are those that the bot could trade, None where pair lists choose. The first candle that
    may be traded opens at `first`, with all that the strategy needs before it, and the last one ends at `end`.
    """

    candidate: Candidate
    timeframe: str
    asked: frozenset[str]
    pairs: tuple[str, ...]
    lacking: tuple[str, ...]
    bot_pairs: tuple[str, ...] | None
    first: datetime
    end: datetime

    @property
    def candle(self) -> timedelta:
        return TIMEFRAMES[self.timeframe]


def replayable(bundle: Bundle, environment: TradingEnvironment, candles: Candles) -> Replayable:
    """Hold what a bundle needs against what a data set has.

    Raises:
        Refused: the data set is another exchange's, or lacks all its pairs, or its candles.
    """
    manifest = candles.manifest
    if manifest.exchange != environment.exchange:
        raise Refused(
            f"'{environment.name}' trades on {environment.exchange}, and the candles are {manifest.exchange}'s"
        )
    bot_pairs = None if environment.dynamic_pairs else _of_bot(environment, bundle)
    wanted = bot_pairs or bundle.pairs or manifest.pairs
    pairs = tuple(pair for pair in wanted if pair in manifest.pairs)
    if not pairs:
        raise Refused(f"the data set '{manifest.name}' has none of its pairs ({', '.join(wanted)})", hint=_PULL)
    spec = StrategySpec(bundle.strategy, bundle.class_name, timeframe=bundle.timeframe, pairs=pairs)
    candidate = Candidate(spec, dict(bundle.files), bundle.strategy)
    fitted = fit(candidate, _history(environment, manifest.digest), manifest, _problem)
    _demand(fitted)
    (whole,) = fitted.windows
    start = whole.start + (fitted.facts.startup_candle_count or 0) * TIMEFRAMES[fitted.timeframe]
    lacking = tuple(pair for pair in bot_pairs or () if pair not in pairs)
    asked = fitted.asked_for(manifest)
    return Replayable(candidate, fitted.timeframe, asked, pairs, lacking, bot_pairs, start, whole.end)


def stretches(
    stood: Sequence[Deployment], since: datetime | None, until: datetime, what: Replayable
) -> tuple[Window, ...]:
    """The whole candles of the times in which a bundle stood, from `since` to `until`, as far as the data reach; too short ones are left out."""
    found: list[Window] = []
    for made in stood:
        start = _up(max(made.since_at, since or made.since_at, what.first), what.candle)
        end = _down(min(made.until_at or until, until, what.end), what.candle)
        if end - start >= LEAST * what.candle:
            found.append(Window(f"{len(found) + 1}", start, end))
    return tuple(found)


def frames_of(what: Replayable, candles: Candles) -> Mapping[str, pd.DataFrame]:
    """The candles of every pair that is replayed, at the strategy's timeframe."""
    return {pair: candles.frame(pair, what.timeframe) for pair in what.pairs}


def job_of(
    what: Replayable,
    windows: tuple[Window, ...],
    environment: TradingEnvironment,
    candles: Candles,
    scratch: Path,
    limits: Limits,
) -> Job:
    """The backtest with the bot's money and settings; the bundle's files are laid into a folder of their own."""
    folder = scratch / "strategy"
    for path, content in what.candidate.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    capital = float(environment.limits.capital_per_bot)
    return Job(
        strategy_dir=str(folder),
        class_name=what.candidate.spec.class_name,
        exchange=environment.exchange,
        data_dir=str(candles.derive({what.timeframe, *what.asked}, scratch / "candles").resolve()),
        markets=str((candles.root / MARKETS_FILE).resolve()),
        pairs=what.pairs,
        timeframe=what.timeframe,
        windows=windows,
        account=_account(environment),
        tasks=(BACKTEST,),
        limits=limits,
        freqtrade={**_settings(environment), "available_capital": capital},
    )


def _history(environment: TradingEnvironment, dataset: str) -> Environment:
    """The environment as one in which a backtest can be fitted; nothing is judged in it."""
    return Environment(
        environment.name,
        Mode.HISTORY,
        environment.exchange,
        DatasetReference(dataset),
        _account(environment),
        (_ALL,),
        Policy((), ()),
    )


def _account(environment: TradingEnvironment) -> Account:
    limits, stake = environment.limits, environment.stake
    money = None if stake is None else float(stake)
    return Account(environment.stake_currency, float(limits.capital_per_bot), money, limits.max_open_trades)


def _settings(environment: TradingEnvironment) -> dict[str, Plain]:
    """What passes through to freqtrade, without the pair lists that only a bot can ask an exchange for."""
    return {key: value for key, value in environment.freqtrade.items() if key != "pairlists"}


def _of_bot(environment: TradingEnvironment, bundle: Bundle) -> tuple[str, ...]:
    try:
        return pairs_for(environment, bundle.pairs)
    except ValueError as error:
        raise Refused(str(error)) from error


def _demand(fitted: Fitted) -> None:
    """What does not fit, but for the candles before the first: those are waited for."""
    told = [problem.message for problem in fitted.problems]
    told += [finding.reason for finding in fitted.misses if finding.rule != "startup"]
    if told:
        raise Refused("the data set does not fit:\n" + "\n".join(f"  {one}" for one in told), hint=_PULL)


def _problem(_index: int, message: str) -> Problem:
    return Problem("", 0, 0, message)


def _up(at: datetime, candle: timedelta) -> datetime:
    return _BEGAN - (_BEGAN - at) // candle * candle


def _down(at: datetime, candle: timedelta) -> datetime:
    return _BEGAN + (at - _BEGAN) // candle * candle


_PULL = "`freqtrain data pull` fetches candles, and `data import` takes them in"
