"""The contract cases: what every strategy has to do whatever it trades, tried out where its own tests cannot interfere."""

import warnings
from collections.abc import Callable

import pandas as pd
from freqtrade.strategy.interface import IStrategy

from pipeline.adapters.freqtrade.analysis import PAIR, analyse, give, signalled
from pipeline.adapters.freqtrade.backtest import failure
from pipeline.adapters.freqtrade.extremes import Extreme, first_raising
from pipeline.domain.candles import COLUMNS
from pipeline.domain.job import BEHAVIOUR, Failure
from pipeline.domain.scenarios import crash, draw, flat, noise, silent, trend, v_shape
from pipeline.domain.verdict import Finding, Outcome, Place

RAISES = "contract-raises"
DETERMINISTIC = "contract-deterministic"
COLUMNS_KEPT = "contract-columns"
PAIRS = "contract-pairs"
STARTUP = "contract-startup"
DEAD_VOLUME = "contract-dead-volume"

OTHER = "OTHER/USDT"

Load = Callable[[], IStrategy]


def run_contract(load: Load, strategy_dir: str, *, seed: int = 1) -> tuple[Finding, ...]:
    """One finding for each case; where the strategy raises, only that one.

    Args:
        load: makes a fresh instance of the strategy each time it is called.
        strategy_dir: the folder of its files, to say where it raised.
        seed: of the random markets.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            strategy = load()
        except Exception as error:
            return (_raised(failure(error, strategy_dir), "when it is loaded"),)
        raising = first_raising(lambda extreme: _survive(strategy, extreme), seed)
        if raising is not None:
            extreme, raised = raising
            return (_raised(failure(raised, strategy_dir), f"on the market {extreme}"),)
        try:
            return _cases(load, seed)
        except Exception as error:
            return (_raised(failure(error, strategy_dir), "on an ordinary market"),)


def _cases(load: Load, seed: int) -> tuple[Finding, ...]:
    first = load()
    candles = _candles(first, seed)
    frame = candles[PAIR]
    give(first, candles)
    analysed = analyse(first, PAIR, frame)
    again = analyse(first, PAIR, frame)
    fresh = _fresh(load, candles)
    other_instance = analyse(fresh, PAIR, frame)
    after_other = _fresh(load, candles)
    analyse(after_other, OTHER, candles[OTHER])
    second_pair = analyse(after_other, PAIR, frame)
    repeatable = _deterministic(analysed, other_instance, again)
    return (
        Finding(
            BEHAVIOUR, RAISES, Outcome.PASS, "never raises: not on gaps, spikes, missing candles and extreme prices"
        ),
        repeatable,
        _columns(frame, analysed),
        # What differs from run to run differs between pairs too; once is enough.
        *([_pairs(analysed, second_pair)] if repeatable.outcome is Outcome.PASS else []),
        _startup(load(), seed),
        _dead_volume(analysed),
    )


def _candles(strategy: IStrategy, seed: int) -> dict[str, pd.DataFrame]:
    """Two pairs that have nothing in common but their dates, with stretches in which nobody trades."""
    ordinary = (
        noise(seed, 120, volatility=0.01)
        + crash(0.25, 15)
        + silent(20)
        + trend(0.3, 80)
        + silent(20)
        + v_shape()
        + flat(20)
    )
    other = flat(120) + trend(0.2, 15) + noise(seed + 1, 180, volatility=0.02)
    startup = int(strategy.startup_candle_count)
    return {
        PAIR: draw(ordinary, strategy.timeframe, startup=startup).frame,
        OTHER: draw(other, strategy.timeframe, startup=startup, price=7.0).frame,
    }


def _fresh(load: Load, candles: dict[str, pd.DataFrame]) -> IStrategy:
    strategy = load()
    give(strategy, candles)
    return strategy


def _survive(strategy: IStrategy, extreme: Extreme) -> None:
    startup = int(strategy.startup_candle_count)
    frame = draw(extreme.scenario, strategy.timeframe, startup=startup, price=extreme.price).frame
    give(strategy, {PAIR: frame})
    analyse(strategy, PAIR, frame)


def _deterministic(analysed: pd.DataFrame, other_instance: pd.DataFrame, again: pd.DataFrame) -> Finding:
    for repeated, when in (
        (other_instance, "when it is loaded a second time"),
        (again, "when the same candles come a second time"),
    ):
        different = _difference(analysed, repeated)
        if different:
            return _failed(DETERMINISTIC, f"gives other values {when}: {different}")
    return Finding(BEHAVIOUR, DETERMINISTIC, Outcome.PASS, "equal candles give equal indicators and signals")


def _columns(frame: pd.DataFrame, analysed: pd.DataFrame) -> Finding:
    if len(analysed) != len(frame):
        return _failed(
            COLUMNS_KEPT, f"gives back {len(analysed)} candles for {len(frame)}: no candle may be dropped or added"
        )
    gone = [name for name in COLUMNS if name not in analysed]
    if gone:
        return _failed(COLUMNS_KEPT, f"drops the column {', '.join(gone)}")
    changed = [name for name in COLUMNS if not _same(frame[name], analysed[name])]
    if changed:
        return _failed(
            COLUMNS_KEPT,
            f"changes the candles it was given: {', '.join(changed)}; put results into columns of their own",
        )
    return Finding(BEHAVIOUR, COLUMNS_KEPT, Outcome.PASS, "leaves the candles as they were")


def _pairs(alone: pd.DataFrame, after_other: pd.DataFrame) -> Finding:
    different = _difference(alone, after_other)
    if different:
        return _failed(
            PAIRS,
            f"gives other values for a pair when another pair came before it (is something kept on self?): {different}",
        )
    return Finding(BEHAVIOUR, PAIRS, Outcome.PASS, "looks at each pair for itself")


def _startup(strategy: IStrategy, seed: int) -> Finding:
    startup = int(strategy.startup_candle_count)
    frame = draw(noise(seed, startup + 100, volatility=0.01), strategy.timeframe).frame
    give(strategy, {PAIR: frame})
    # The last start-up candle is the one that completes an indicator as long as the start-up.
    early = analyse(strategy, PAIR, frame).iloc[: max(0, startup - 1)]
    # An exit without a trade does nothing, and most strategies give one whenever they are not for buying.
    entries = _count(early.assign(exit_long=0))
    if entries:
        reason = f"{entries} within its first {startup} candles: freqtrade skips them; does the start-up fit its longest indicator?"
        return _warned(STARTUP, reason)
    return Finding(BEHAVIOUR, STARTUP, Outcome.PASS, "enters nothing before its start-up candles are over")


def _dead_volume(analysed: pd.DataFrame) -> Finding:
    dead = _count(analysed[analysed["volume"] == 0])
    if dead:
        return _warned(
            DEAD_VOLUME, f"{dead} on candles without volume, where nobody trades; add `volume > 0` to the conditions"
        )
    return Finding(BEHAVIOUR, DEAD_VOLUME, Outcome.PASS, "gives no signal where nobody trades")


def _count(analysed: pd.DataFrame) -> str:
    """ "signals 3 entries and 1 exit", or "" where there is no signal."""
    entries, exits = (int(signalled(analysed, column).sum()) for column in ("enter_long", "exit_long"))
    if not entries and not exits:
        return ""
    counts = [(entries, "entry", "entries"), (exits, "exit", "exits")]
    return "signals " + " and ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)


def _difference(left: pd.DataFrame, right: pd.DataFrame) -> str:
    if len(left) != len(right):
        return f"{len(left)} and {len(right)} candles"
    apart = [
        str(name)
        for name in left.columns.union(right.columns, sort=False)
        if not _same(left.get(name), right.get(name))
    ]
    return ", ".join(apart[:5]) + (f" and {len(apart) - 5} more" if len(apart) > 5 else "")


def _same(left: pd.Series | None, right: pd.Series | None) -> bool:
    return left is not None and right is not None and left.reset_index(drop=True).equals(right.reset_index(drop=True))


def _raised(what: Failure, when: str) -> Finding:
    place = Place(what.file, what.line) if what.file else None
    message = next(iter(what.message.strip().splitlines()), "")
    reason = f"raises {what.kind} {when}" + (f": {message}" if message else "")
    return Finding(BEHAVIOUR, RAISES, Outcome.ERROR, reason, place)


def _failed(rule: str, reason: str) -> Finding:
    return Finding(BEHAVIOUR, rule, Outcome.FAIL, reason)


def _warned(rule: str, reason: str) -> Finding:
    return Finding(BEHAVIOUR, rule, Outcome.PASS, reason, warning=True)
