"""`freqtrain policy simulate` where bots run: how often looking every day takes back, keeps or promotes made-up bots whose true mean is known."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from pipeline.domain.pass_rates import Rate
from pipeline.domain.policy import Threshold
from pipeline.domain.statistics.betting import Floats, Stakes, against_high, against_low, stakes
from pipeline.domain.statistics.bootstrap import seeded
from pipeline.domain.trading import TradingEnvironment
from pipeline.domain.train.edge import HIGH_ERROR, LOW_ERROR
from pipeline.domain.verdict import Subject
from pipeline.domain.watch_rates import (
    EDGE_RATIO,
    LARGE,
    NAIVE_FROM,
    SMALL,
    TRADES,
    WatchDemands,
    WatchRow,
    WatchSimulated,
)
from pipeline.domain.watched_worlds import Traded, World, trade
from pipeline.errors import Refused
from pipeline.ports import Narrator

_CLUSTERS = World("in clusters", (1, 2, 3), (0.5, 0.25, 0.25), 0.3)
WORLDS = (
    (World("one at a time"), True),
    (_CLUSTERS, True),
    (World("always three together", (3,), (1.0,), 0.5), False),
    (replace(_CLUSTERS, name="in clusters, spread 3 %", deviation_ratio=0.03), False),
    (replace(_CLUSTERS, name="in clusters, promise from 300 trades", promise_trades=300), False),
)
"""In which worlds bots trade, and whether the rates there are what the watch promises; the others show what becomes of it where life is harder."""

AT_ONCE = 500
"""Bots that are simulated at once; bounds the memory."""

_Bools = npt.NDArray[np.bool_]


def simulate_watch(environment: TradingEnvironment, runs: int, seed: int, narrator: Narrator) -> WatchSimulated:
    """Let `runs` bots of each kind trade TRADES times in each world, and look at them after every day.

    Raises:
        Refused: the environment does not compare its bots with their backtests, so that there is nothing to simulate.
    """
    tolerated = tolerated_by(environment.staying)
    if tolerated is None:
        raise Refused(
            f"'{environment.name}' does not demand that bots keep what their backtests promised: there is nothing to simulate",
            hint="write {metric: edge_high_ratio, scope: all_together, relative_to: backtest, at_least: 0%} under staying.thresholds",
        )
    demands = WatchDemands(
        tolerated,
        edge_demanded_by(environment.boarding.thresholds if environment.boarding else ()),
        environment.boarding.closed_trades if environment.boarding else 0,
    )
    rows = []
    for number, (world, goal) in enumerate(WORLDS, start=1):
        narrator.say(f"[{number}/{len(WORLDS)}] {world.name}")
        rows.append(row(world, runs, seed, demands, goal=goal))
    return WatchSimulated(environment.name, environment.policy_digest, demands, runs, seed, tuple(rows))


def tolerated_by(staying: tuple[Threshold, ...]) -> float | None:
    """By how much a trade may fall short of the promise; None where the promise is not demanded."""
    bounds = [
        low[0]
        for threshold in staying
        if (threshold.metric, threshold.relative_to) == ("edge_high_ratio", Subject.BACKTEST)
        and (low := threshold.lower())
    ]
    return -max(bounds) if bounds else None


def edge_demanded_by(boarding: tuple[Threshold, ...]) -> float | None:
    """Above which mean profit per trade a bundle must have been shown to lie before it boards; None where nothing of the kind is demanded."""
    bounds = [low[0] for threshold in boarding if threshold.metric == "edge_low_ratio" and (low := threshold.lower())]
    return max(bounds, default=None)


def row(world: World, runs: int, seed: int, demands: WatchDemands, *, goal: bool = True) -> WatchRow:
    """The rates in one world; every rate is of the same bots, with their means shifted."""
    counted = np.zeros(7, dtype=int)
    done = 0
    while done < runs:
        some = min(AT_ONCE, runs - done)
        counted += _counted(world, some, f"watched {seed} {done} {world.name}", demands)
        done += some
    kept, small, large, naive_kept, *promoted = (Rate(int(passed), runs) for passed in counted)
    nothing, edge, naive_nothing = promoted if demands.edge_ratio is not None else (None, None, None)
    return WatchRow(world, kept, small, large, naive_kept, nothing, edge, naive_nothing, goal)


def _counted(world: World, runs: int, name: str, demands: WatchDemands) -> npt.NDArray[np.int64]:
    dice = seeded(name)
    made = trade(world, runs, TRADES, dice)
    high, low = stakes(world.scale, HIGH_ERROR), stakes(world.scale, LOW_ERROR, low=True)
    promised = _measured_promise(world, runs, dice) - demands.tolerated_ratio
    shown, soak = demands.edge_ratio or 0.0, demands.soak_trades
    taken = [
        _any(_seen(made) & _taken_back(made.shifted(-shortfall), promised, high)) for shortfall in (0.0, SMALL, LARGE)
    ]
    taken.append(_any(_seen(made, NAIVE_FROM) & naively(made.shifted(-promised), -1.0, HIGH_ERROR)))
    promoted = [_any(_seen(made, soak) & _promoted(made.shifted(edge), shown, low)) for edge in (0.0, EDGE_RATIO)]
    promoted.append(_any(_seen(made, max(soak, NAIVE_FROM)) & naively(made.shifted(-shown), 1.0, LOW_ERROR)))
    return np.array([int(found.sum()) for found in (*taken, *promoted)])


def _measured_promise(world: World, runs: int, dice: np.random.Generator) -> Floats:
    """float (runs, 1): by how much what a backtest measured lies above the truth; 0 where the promise is exact."""
    if not world.promise_trades:
        return np.zeros((runs, 1))
    past = trade(world, runs, world.promise_trades, dice)
    seen = np.cumsum(past.counts, axis=1) <= world.promise_trades
    means: Floats = (past.sums * seen).sum(axis=1) / (past.counts * seen).sum(axis=1)
    return means[:, None]


def _seen(made: Traded, least: int = 0) -> _Bools:
    """bool (runs, days): whether somebody looks after that day."""
    trades = np.cumsum(made.counts, axis=1)
    return (trades <= TRADES) & (trades >= least)


def _taken_back(made: Traded, promised: Floats, of: Stakes) -> _Bools:
    return against_high(made.sums, made.counts, promised, of) >= of.target


def _promoted(made: Traded, shown: float, of: Stakes) -> _Bools:
    return against_low(made.sums, made.counts, shown, of) >= of.target


def naively(made: Traded, side: float, error: float) -> _Bools:
    """bool (runs, days): whether a one-sided t-test of all trades so far, each believed to be alone, tells their mean from 0."""
    count, total = np.cumsum(made.counts, axis=1), np.cumsum(made.sums, axis=1)
    variance = (np.cumsum(made.squares, axis=1) - total**2 / count) / np.maximum(count - 1.0, 1.0)
    told: _Bools = side * total / np.sqrt(count * np.maximum(variance, 1e-18)) >= NormalDist().inv_cdf(1.0 - error)
    return told


def _any(found: _Bools) -> _Bools:
    return np.asarray(found.any(axis=1))
