"""`freqtrain parity`: the time that a bot traded once more, as a backtest on the same candles, and both side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline.domain.bot_report import OpenTrade
from pipeline.domain.bundle_manifest import StoredBundle
from pipeline.domain.job import BacktestResult, Limits
from pipeline.domain.parity import Asked, Compared, Position, away_in, compare, of_backtest, of_bot, of_open, together
from pipeline.domain.trades import ClosedTrade, quote_of
from pipeline.domain.train.own import BY_HAND, joined, own_closed, stood
from pipeline.domain.train.samples import Sample
from pipeline.domain.train.steps import short
from pipeline.domain.windows import Window
from pipeline.errors import Refused, ToolFailed, UsageError
from pipeline.flows.observe import told_by_bot
from pipeline.flows.parity_fit import Replayable, frames_of, job_of, replayable, stretches
from pipeline.flows.road import Road
from pipeline.ports import Backtester, Candles, PastObservations


@dataclass(frozen=True, slots=True)
class ParityGround:
    """What a comparison works with.

    `past` is None where the environment was never observed. `against_engine` says what speaks against running a bundle with these pins here, each
    with a hint. `scratch` is an empty folder that goes afterwards.
    """

    road: Road
    past: PastObservations | None
    candles: Candles
    backtester: Backtester
    against_engine: Callable[[Mapping[str, str]], Sequence[tuple[str, str]]]
    scratch: Path
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class _Held:
    """What the bot held: the positions that the bundle entered by itself, and all others of its database."""

    closed: tuple[ClosedTrade, ...]
    open: tuple[Position, ...]
    others: tuple[ClosedTrade, ...]
    others_open: tuple[Position, ...]
    open_known: bool


def compared(strategy: str, since: datetime | None, until: datetime | None, ground: ParityGround) -> Compared:
    """Replay the time in which a strategy's bundle stood, from `since` to `until` (None: all of it), and compare. Nothing is recorded.

    Raises:
        UsageError: nothing of the strategy runs there.
        Refused: nothing can be compared; the message says what is missing.
        ToolFailed: the backtest failed, or the observations cannot be read.
    """
    road = ground.road
    stored = _standing(strategy, ground)
    what = replayable(stored.bundle, road.environment, ground.candles)
    made = [one for one in road.state().of(strategy).deployments if one.bundle == stored.digest]
    now = road.clock.now()
    windows = stretches(made, since, min(until or now, now), what)
    if not windows:
        had = f"{what.first:%Y-%m-%d %H:%M} to {what.end:%Y-%m-%d %H:%M} UTC"
        told = f"{short(stored.digest)} did not stand long enough in the time of which there are candles ({had})"
        raise Refused(told, hint="pull candles up to now, and from before it was deployed")
    held = _held(strategy, stored.digest, ground)
    samples = ground.past.samples(strategy, stored.digest) if ground.past else ()
    job = job_of(what, windows, road.environment, ground.candles, ground.scratch, ground.limits)
    road.narrator.say(f"{strategy}: replaying {len(windows)} stretch(es) of time on {len(what.pairs)} pairs")
    results = ground.backtester.measure(job).backtests
    frames, slots = frames_of(what, ground.candles), road.environment.limits.max_open_trades
    parts = []
    for window, result in zip(windows, results, strict=True):
        away = away_in(_within(samples, window), window.end)
        besides = _besides(held, window)
        asked = Asked(window, what.candle, frames, what.bot_pairs, slots, besides, away, held.open_known)
        parts.append(compare(_mine(held, window), _theirs(result, window), asked))
    of = (road.environment.name, strategy, stored.digest, windows, ground.candles.manifest.digest)
    return Compared(*of, together(parts), tuple(_notes(what, windows, min(until or now, now), held)))


def record(found: Compared, road: Road, by: str) -> None:
    """Put it into the ledger, by which `decide` and boarding go from now on; raises Locked, and Refused where the environment left this device."""
    with road.locked(f"parity {found.strategy}"):
        road.demand_here()
        road.record(found.fact(by))


def _standing(strategy: str, ground: ParityGround) -> StoredBundle:
    road = ground.road
    standing = road.state().of(strategy).standing
    if standing is None:
        raise UsageError(
            f"nothing of '{strategy}' runs in '{road.environment.name}'", hint="`freqtrain status` shows what does"
        )
    stored = road.bundles.get(standing.bundle)
    if found := ground.against_engine(stored.bundle.engine):
        told = "\n".join(problem for problem, _ in found)
        raise Refused(f"{strategy} ({short(stored.digest)}): {told}", hint="; ".join(hint for _, hint in found))
    return stored


def _held(strategy: str, bundle: str, ground: ParityGround) -> _Held:
    road, past = ground.road, ground.past
    state = road.state()
    told = told_by_bot(strategy, bundle, road)
    observed = past is not None and (strategy, bundle) in past.bundles()
    kept = past.trades(strategy, bundle) if past is not None and observed else ()
    if told is None and not observed:
        raise Refused("nothing is known of its trades: nobody observed it, and its bot does not answer")
    closed = joined(kept, told.closed if told else ())
    currency = told.currency if told else road.environment.stake_currency
    counted = state.of(strategy).observed.get(bundle)
    if counted and len(own_closed(closed, state, strategy, bundle)) < counted.closed_trades:
        raise Refused(f"trades are missing: the ledger counted {counted.closed_trades} closed ones, and fewer are kept")

    def is_own(trade: ClosedTrade | OpenTrade) -> bool:
        by_itself = trade.enter_tag != BY_HAND and quote_of(trade.pair) == currency
        return by_itself and stood(trade.opened_at, state, strategy, bundle)

    holds = [one for one in told.open if one.amount] if told else []
    return _Held(
        tuple(one for one in closed if is_own(one)),
        tuple(of_open(one) for one in holds if is_own(one)),
        tuple(one for one in closed if not is_own(one)),
        tuple(of_open(one) for one in holds if not is_own(one)),
        open_known=told is not None,
    )


def _mine(held: _Held, window: Window) -> list[Position]:
    """The positions that the bundle entered by itself in the window."""
    found = [*(of_bot(one, window.end) for one in held.closed), *held.open]
    return [one for one in found if window.start <= one.opened_at < window.end]


def _besides(held: _Held, window: Window) -> tuple[Position, ...]:
    """What took its pairs and slots without being compared."""
    own = [*(of_bot(one, window.end) for one in held.closed), *held.open]
    others = [*(of_bot(one, window.end) for one in held.others), *held.others_open]
    before = [one for one in own if one.opened_at < window.start]
    return tuple(one for one in (*before, *others) if one.closed_at is None or one.closed_at > window.start)


def _theirs(result: BacktestResult, window: Window) -> list[Position]:
    if result.failure is not None:
        raise ToolFailed(f"the backtest failed: {result.failure.kind}: {result.failure.message}")
    return [of_backtest(one, window.end) for one in result.trades]


def _within(samples: Sequence[Sample], window: Window) -> tuple[Sample, ...]:
    """The samples of a window, with the one before it, whose state it begins with."""
    inside = [place for place, one in enumerate(samples) if window.start <= one.at < window.end]
    before = [place for place, one in enumerate(samples) if one.at < window.start]
    return tuple(samples[place] for place in (*before[-1:], *inside))


def _notes(what: Replayable, windows: Sequence[Window], until: datetime, held: _Held) -> Sequence[str]:
    told = []
    if what.lacking:
        told.append(f"There are no candles of {', '.join(what.lacking)}: what was traded of these shows as pair_list.")
    if what.bot_pairs is None:
        told.append("Pair lists choose what it trades, and nobody knows which pairs these were at what time.")
    if until - windows[-1].end >= what.candle:
        told.append(f"What came after {windows[-1].end:%Y-%m-%d %H:%M} UTC is not compared.")
    if not held.open_known:
        told.append("Its bot does not answer: what it still holds is not known.")
    return told
