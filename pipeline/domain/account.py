"""From what the engine answered to what the judge measures: equity, market and metrics of every window, recomputed from trades and candles."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from pipeline.domain.curves import equity_curve, market_curve
from pipeline.domain.evidence import WindowPicture, WindowTrades
from pipeline.domain.job import Account, BacktestResult
from pipeline.domain.metrics import measure, measure_curves
from pipeline.domain.trades import ClosedTrade, trades_digest
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Measurement, Outcome, Place, Subject
from pipeline.domain.windows import Window

BALANCE_TOLERANCE = 1e-6
"""How far, relative to the wallet, freqtrade's final balance may lie from ours: its sums are rounded to eight decimals a trade."""


@dataclass(frozen=True, slots=True)
class Accounted:
    """What the trades of all windows come to."""

    measurements: tuple[Measurement, ...]
    windows: tuple[WindowTrades, ...]
    pictures: tuple[WindowPicture, ...]
    findings: tuple[Finding, ...]


def account_for(
    results: Sequence[BacktestResult],
    windows: Sequence[Window],
    frames: Mapping[str, pd.DataFrame],
    account: Account,
    timeframe: timedelta,
    subject: Subject = Subject.CANDIDATE,
) -> Accounted:
    """Recompute the account of each window and measure it, alone and all windows together.

    Args:
        results: the engine's answers, one a window, in the order of `windows`.
        frames: pair -> candles with columns date (UTC, ascending), open and close, covering the windows.
        account: the money that each window started with.
        timeframe: length of a candle.
        subject: whose measurements they are; the market's are added to the candidate's.

    A window without a result gives an ERROR finding and no measurements, and then there is nothing for all windows together either.
    """
    findings: list[Finding] = []
    measurements: list[Measurement] = []
    kept: list[WindowTrades] = []
    pictures: list[WindowPicture] = []
    for result, window in zip(results, windows, strict=True):
        if result.failure is not None:
            findings.append(failed(result))
            continue
        closes, opens = _prices(frames, window)
        equity = equity_curve(result.trades, closes, starting_balance=account.wallet, timeframe=timeframe)
        market = market_curve(closes, opens, starting_balance=account.wallet, timeframe=timeframe)
        findings += _began_late(result, window)
        findings += _adds_up(result, float(equity.iloc[-1]), account)
        kept.append(WindowTrades(window, result.trades, trades_digest(result.trades)))
        pictures.append(WindowPicture(window, equity, market, closes))
        measurements += _measured(result.trades, [equity], [market], window.name, subject)
    if len(kept) == len(windows) and kept:
        trades = [trade for window in kept for trade in window.trades]
        curves, markets = [p.equity for p in pictures], [p.market for p in pictures]
        measurements += _measured(trades, curves, markets, ALL_WINDOWS, subject)
    return Accounted(tuple(measurements), tuple(kept), tuple(pictures), tuple(findings))


def failed(result: BacktestResult) -> Finding:
    """The ERROR of a window that has no result."""
    assert result.failure is not None
    failure = result.failure
    place = Place(failure.file, failure.line) if failure.file else None
    if failure.kind == "died":
        return Finding("backtest", "backtest", Outcome.ERROR, failure.message, place, window=result.window)
    reason = f"The strategy raised {failure.kind}: {failure.message.strip() or 'without a message'}"
    if not failure.file:
        reason = f"freqtrade could not run the backtest: {failure.kind}: {failure.message.strip()}"
    return Finding("backtest", "backtest", Outcome.ERROR, reason, place, window=result.window)


def _prices(frames: Mapping[str, pd.DataFrame], window: Window) -> tuple[pd.DataFrame, pd.Series]:
    """Closing prices by opening time, float (n, pairs), and the first opening price of each pair, within the window."""
    closes, opens = {}, {}
    for pair, frame in sorted(frames.items()):
        first, end = frame["date"].searchsorted(pd.DatetimeIndex([window.start, window.end]))
        inside = frame.iloc[first:end]
        if len(inside):
            closes[pair] = inside.set_index("date")["close"]
            opens[pair] = float(inside["open"].iloc[0])
    return pd.DataFrame(closes).sort_index(), pd.Series(opens)


def _began_late(result: BacktestResult, window: Window) -> list[Finding]:
    """freqtrade begins later, with a line in its log, where candles for the start-up are missing."""
    if result.started_at is None or result.started_at <= window.start:
        return []
    reason = (
        f"The backtest of window '{window.name}' began at {result.started_at:%Y-%m-%d %H:%M} instead of {window.start:%Y-%m-%d %H:%M}: "
        "the data hold too few candles before it for the strategy's start-up."
    )
    return [Finding("backtest", "startup", Outcome.ERROR, reason, window=window.name)]


def _adds_up(result: BacktestResult, recomputed: float, account: Account) -> list[Finding]:
    """freqtrade's final balance must be what its own trades come to; otherwise trades are missing or wrong."""
    difference = abs(recomputed - result.ending_balance)
    if math.isfinite(difference) and difference <= BALANCE_TOLERANCE * account.wallet:
        return []
    reason = (
        f"The trades come to {recomputed:.4f} {account.stake_currency}, but freqtrade's account ends with "
        f"{result.ending_balance:.4f}: they are not the trades that were made."
    )
    return [Finding("backtest", "balance", Outcome.FAIL, reason, window=result.window)]


def _measured(
    trades: Sequence[ClosedTrade], curves: list[pd.Series], markets: list[pd.Series], window: str, subject: Subject
) -> list[Measurement]:
    values = measure(trades, curves)
    market = measure_curves(markets)
    values["market_change_ratio"] = market["profit_total_ratio"]
    values["excess_ratio"] = values["profit_total_ratio"] - market["profit_total_ratio"]
    found = [Measurement(name, value, window, subject) for name, value in values.items()]
    if subject is Subject.CANDIDATE:
        found += [Measurement(name, value, window, Subject.MARKET) for name, value in market.items()]
    return found
