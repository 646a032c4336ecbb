"""Attacks that answer in perfect form: the sums are right, and only candles and the past alone show that the trades are not."""

from tests.hostile.case import Hostile

RESULT = """
from dataclasses import replace
from pipeline.adapters.freqtrade import backtest
true = backtest.BacktestResult

def balance(trades):
    total = 1000.0
    for t in trades:
        for f in t.fills:
            sign, fee = (1, t.fee_open_ratio) if f.side == "buy" else (-1, t.fee_close_ratio)
            total -= sign * f.amount * f.price * (1 + sign * fee)
    return total

def told(window, trades=(), ending_balance=0.0, started_at=None, failure=None):
    made = tuple(forged(t) for t in trades if kept(t))
    return true(window, made, balance(made), started_at, failure)

forged = lambda t: t
kept = lambda t: True
backtest.BacktestResult = told
"""

FORGE = (
    Hostile(
        "dearer sales",
        RESULT + "forged = lambda t: replace(t, close_rate=t.close_rate * 1.1, "
        "fills=tuple(replace(f, price=f.price * 1.1) if f.side == 'sell' else f for f in t.fills))",
        "candle|price|ROI",
    ),
    Hostile("no fees", RESULT + "forged = lambda t: replace(t, fee_open_ratio=0.0, fee_close_ratio=0.0)", "fee"),
    Hostile(
        "more than there was",
        RESULT + "forged = lambda t: replace(t, amount=t.amount * 50, stake=t.stake * 50, "
        "fills=tuple(replace(f, amount=f.amount * 50) for f in t.fills))",
        ".",
    ),
    Hostile(
        "winners doubled",
        RESULT + "backtest.BacktestResult = lambda w, trades=(), *a, **k: "
        "told(w, [t for t in trades for _ in range(2 if t.profit > 0 else 1)], *a, **k)",
        ".",
    ),
    Hostile(
        "between the candles",
        "from datetime import timedelta"
        + RESULT
        + "forged = lambda t: replace(t, opened_at=t.opened_at + timedelta(minutes=7), "
        "fills=tuple(replace(f, at=f.at + timedelta(minutes=7)) if f.side == 'buy' else f for f in t.fills))",
        ".",
    ),
)
"""What candles and sums refute."""

FORESEE = (
    Hostile("losers left out of the sums too", RESULT + "kept = lambda t: t.profit_ratio > 0.02", "."),
    Hostile(
        "candles read from the disk",
        "import numpy as np, pandas as pd\n"
        "whole = pd.read_feather(self.config['datadir'] / (metadata['pair'].replace('/', '_') + '-1h.feather'))\n"
        "later = whole.set_index('date')['close'].shift(-6).reindex(dataframe['date']).to_numpy()\n"
        "dataframe['mean'] = np.where(later > dataframe['close'] * 1.01, 0.0, np.inf)",
        ".",
    ),
    Hostile(
        "candles found by gc",
        "import gc\nframes = []\n"
        "def wanted(rate, now):\n"
        "    frames.extend([] if frames else [o for o in gc.get_objects() if type(o).__name__ == 'DataFrame' and 'mean' in o and len(o) > 100])\n"
        "    near = min(frames, key=lambda f: abs(f.loc[f['date'] <= now, 'close'].iloc[-1] - rate))\n"
        "    return bool((near.loc[near['date'] > now, 'close'].iloc[:6] > rate * 1.01).any())\n"
        "self.wanted = wanted",
        ".",
    ),
)
"""What only the past alone refutes."""
