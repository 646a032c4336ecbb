"""The market model: a made-up market whose character is known, equal to the last bit on every machine.

It proves that the train works; it says nothing about how a strategy fares on a real exchange. What it is made of:

- **Regimes** (`regimes`): the whole market goes through seasons of about six weeks: two bull spells, a bear spell and a crash, in an
  order that the seed decides, with a range after each. Bull and bear drift steadily for a week; a crash takes half a day.
- **A level and a distance from it** (`candles`): every pair has a level that moves with the regime and with lasting shocks; passing shocks
  push the price away from it, and it comes back, half of the way within half a day in a trend, within two or three hours in a range
  (permanent and temporary components, as in E. Fama and K. French, "Permanent and Temporary Components of Stock Prices", Journal of
  Political Economy 96(2), 1988). So there is something to find for who follows trends and for who bets on the return to the mean. Who holds
  all the time or at random times loses: bears and crashes take more than bulls give, in most years about half of the price.
- **Volatility clusters and fat tails** (`noise`): a Markov-switching multifractal (L. Calvet and A. Fisher, "How to Forecast Long-Run
  Volatility: Regime Switching and the Estimation of Multifractal Processes", Journal of Financial Econometrics 2(1), 2004): variance is
  the product of components that are renewed at random, each at its own pace from half an hour to days. Rare shocks come on top.
- **Correlated pairs** (`candles`): each return is the market's, scaled, plus the pair's own.
- **Candles** (`candles`): five-minute candles are simulated for the whole span, in whole ticks and amount steps; longer ones are added up
  from them, so that all timeframes tell the same story.

Equal on every machine: only PCG64's raw integers, + - * /, square root, comparisons and sequential accumulation are used. IEEE 754
defines all of them to the last bit; exp, log, powers, library normals and pairwise sums are not used, because they differ with the
processor. `MODEL` counts up whenever the numbers change.
"""

from pipeline.domain.market.candles import END, FINE_DAYS, PairCandles, simulate
from pipeline.domain.market.catalogue import CATALOGUE, DEFAULT_PAIRS, PairModel
from pipeline.domain.market.contents import DEFAULT_DAYS, MODEL, name_of, notes, simulated
from pipeline.domain.market.regimes import Regime, Spell, schedule

__all__ = [
    "CATALOGUE",
    "DEFAULT_DAYS",
    "DEFAULT_PAIRS",
    "END",
    "FINE_DAYS",
    "MODEL",
    "PairCandles",
    "PairModel",
    "Regime",
    "Spell",
    "name_of",
    "notes",
    "schedule",
    "simulate",
    "simulated",
]
