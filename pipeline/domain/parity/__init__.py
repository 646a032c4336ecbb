"""Replay parity: whether a bot made the trades that a backtest of the same candles makes, and what each mismatch looks like."""

from pipeline.domain.parity.compare import Asked, compare
from pipeline.domain.parity.found import Class, Compared, Mismatch, Parity, together
from pipeline.domain.parity.position import Away, Position, away_in, of_backtest, of_bot, of_open

__all__ = [
    "Asked",
    "Away",
    "Class",
    "Compared",
    "Mismatch",
    "Parity",
    "Position",
    "away_in",
    "compare",
    "of_backtest",
    "of_bot",
    "of_open",
    "together",
]
