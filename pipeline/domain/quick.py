"""A quick look at a strategy: few candles, few pairs, and nothing that could be taken for a verdict."""

from pipeline.domain.verdict import Finding, Outcome
from pipeline.domain.windows import Point, WindowSpec

QUICK = "quick"
"""The check's name; its finding is never PASS."""

LAST = WindowSpec("quick", Point(share=0.9), Point(share=1.0))
"""The last tenth of the data."""

MOST_PAIRS = 4

NOTE = "QUICK LOOK, NO VERDICT: a tenth of the candles, a few pairs, no audit, no thresholds. `freqtrain gate` judges."


def seen(trades: int | None) -> Finding:
    """What a quick look has to say; `trades` is None where the strategy could not be run."""
    if trades is None:
        told = "It could not be run."
    elif trades:
        told = f"It runs and trades ({trades} trades on the last tenth of the data)."
    else:
        told = "It runs, but made no trade on the last tenth of the data."
    return Finding(QUICK, QUICK, Outcome.INCONCLUSIVE, f"{told} A quick look judges nothing.")
