"""What each metric of a device says. What is not known is left out: a made-up zero would look like a loss."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.bot import BotState, RunningBot
from pipeline.domain.exposition import catalogue
from pipeline.domain.exposition.catalogue import BY_NAME, Metric
from pipeline.domain.exposition.device import Device, Latest, Place, Totals
from pipeline.domain.monitor.curve import Latest as Said
from pipeline.domain.monitor.overview import Condition
from pipeline.domain.monitor.standing import FRESH, standing
from pipeline.domain.train.state import EnvironmentState, HoldKind, StrategyState
from pipeline.domain.train.steps import bot_name, short


@dataclass(frozen=True, slots=True)
class Reading:
    """One value; `labels` in the order of the metric's own."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


def readings(device: Device) -> tuple[Reading, ...]:
    """All that is known, in the order of the catalogue; no metric has the same labels twice, and every value is finite."""
    found = [one for one in _all(device) if math.isfinite(one.value)]
    places = {metric: place for place, metric in enumerate(catalogue.CATALOGUE)}
    return tuple(sorted(found, key=lambda one: places[one.metric]))


def _all(device: Device) -> Iterator[Reading]:
    yield _reading("build", 1, device.version)
    yield _reading("scrape_seconds", device.seconds)
    if device.disk:
        yield _reading("disk_free_bytes", device.disk.free)
        yield _reading("disk_size_bytes", device.disk.size)
    for part in catalogue.DEVICE_PARTS:
        yield _reading("scrape_problem", part in device.problems, "", part)
    for place in device.places:
        yield from _place(place, device.at)
        for strategy in sorted(_strategies(place)):
            yield from _strategy(place, strategy, device.at)


def _place(place: Place, now: datetime) -> Iterator[Reading]:
    name, written, story, watch = place.name, place.written, place.story, place.watch
    for part in ("ledger",) if place.elsewhere else catalogue.PARTS:
        yield _reading("scrape_problem", part in place.problems, name, part)
    if written:
        yield _reading("environment", 1, name, written.mode)
        for brake in catalogue.BRAKES:
            yield from _known("brake_limit", written.limits.get(brake), name, brake)
    if story:
        yield _reading("ledger_entries", story.head.length, name)
        yield _reading("blocked_bundles", len(story.state.blocks), name)
    if watch:
        yield _reading("watched", watch.well, name)
        yield from _known("watch_round_age_seconds", _age(watch.looked_at, now), name)
        yield from _known("lease_age_seconds", _age(watch.lease_at, now), name)
    yield from _known("observations_size_bytes", place.observations_bytes, name)
    if reached := place.reached:
        yield _reading("notice_channels", reached.channels, name)
        yield _reading("notice_channels_failing", reached.failing, name)
        yield _reading("notices_undelivered", reached.undelivered, name)


def _strategies(place: Place) -> set[str]:
    told = set(place.story.state.strategies) if place.story else set()
    return told | set(place.totals) | {bot.spec.strategy for bot in place.bots or ()}


def _strategy(place: Place, strategy: str, now: datetime) -> Iterator[Reading]:
    own = place.name, strategy
    if strategy in place.totals:
        yield from _totals(own, place.totals[strategy])
    if place.story is None:
        return
    state, known = place.story.state, place.story.state.of(strategy)
    yield _reading("deploying", known.progress is not None and known.progress.target is not None, *own)
    mine = None if place.bots is None else [bot for bot in place.bots if bot.spec.strategy == strategy]
    if mine is not None:
        yield from _bots(own, state, known, mine)
    if known.standing is None:
        return
    yield from _bundle(own, state, known, now)
    if not place.elsewhere:
        yield from _up(own, state, known, mine, place.latest.get(strategy), now)
    if latest := place.latest.get(strategy):
        yield from _latest(own, latest, now)


def _bots(
    own: tuple[str, str], state: EnvironmentState, known: StrategyState, mine: Sequence[RunningBot]
) -> Iterator[Reading]:
    """What the runtime alone can tell."""
    bot = _standing_bot(state, known, mine)
    strays = [one for one in mine if one is not bot and one.state is not BotState.DOWN]
    yield _reading("stray_bots", 0 if known.progress else len(strays), *own)
    if known.standing is not None:
        yield _reading("bot_gave_up", bot is not None and bot.gave_up, *own)
        yield _reading("bot_restarts", bot.restarts if bot else 0, *own)


def _up(
    own: tuple[str, str],
    state: EnvironmentState,
    known: StrategyState,
    mine: Sequence[RunningBot] | None,
    latest: Latest | None,
    now: datetime,
) -> Iterator[Reading]:
    """Whether the bot is up and may enter: by the runtime where it tells, else by a look that is not old."""
    said = Said(latest.at, latest.state, 0) if latest else None
    if mine is not None:
        bot = _standing_bot(state, known, mine)
        yield _reading("bot_up", bot is not None and bot.state is not BotState.DOWN, *own)
    elif latest and now - latest.at <= FRESH:
        yield _reading("bot_up", latest.state != "down", *own)
    yield _reading("entries_allowed", standing(state, known, mine, said, now)[0] is Condition.TRADING, *own)


def _standing_bot(state: EnvironmentState, known: StrategyState, mine: Sequence[RunningBot]) -> RunningBot | None:
    name = bot_name(state.environment, known.strategy, known.standing.slot) if known.standing else ""
    return next((one for one in mine if one.spec.name == name), None)


def _bundle(own: tuple[str, str], state: EnvironmentState, known: StrategyState, now: datetime) -> Iterator[Reading]:
    """What the ledger says of the bundle that should run."""
    assert known.standing is not None
    bundle = known.standing.bundle
    yield _reading("bundle", 1, *own, short(bundle))
    since = next((made.since_at for made in reversed(known.deployments) if made.bundle == bundle), None)
    yield from _known("deployed_age_seconds", _age(since, now), *own)
    holds = state.holds(known.strategy, bundle)
    for kind in catalogue.HOLDS:
        yield _reading("hold", any(hold.kind.value == kind for hold in holds), *own, kind)
    reached = [hold.reason for hold in holds if hold.kind is HoldKind.BRAKE]
    for brake in catalogue.BRAKES:
        yield _reading("brake", any(reason.startswith(f"{brake}: ") for reason in reached), *own, brake)
    shown = known.observed.get(bundle)
    yield _reading("healthy_seconds", shown.healthy_hours * 3600 if shown else 0, *own)
    good = bundle not in state.blocks and any(made.soaked_at for made in known.deployments if made.bundle == bundle)
    yield _reading("known_good", good, *own)
    decided = known.decided
    if decided and decided.bundle == bundle:
        for word in catalogue.DECISIONS:
            yield _reading("decision", decided.decision == word, *own, word)
        yield from _known("decision_age_seconds", _age(known.decided_at, now), *own)


def _latest(own: tuple[str, str], latest: Latest, now: datetime) -> Iterator[Reading]:
    yield from _known("observation_age_seconds", _age(latest.at, now), *own)
    yield from _known("loop_age_seconds", _age(latest.looped_at, now), *own)
    for state in catalogue.STATES:
        yield _reading("bot_state", latest.state == state, *own, state)
    for name, value in (("balance", latest.balance), ("equity", latest.equity), ("equity_peak", latest.peak)):
        yield from _known(name, value, *own, latest.currency)
    if latest.equity is not None and latest.peak is not None and latest.peak > 0:
        fall = (latest.peak - latest.equity) / latest.peak
        yield _reading("drawdown_ratio", 0.0 if fall < 0 else fall, *own)
    yield from _known("open_trades", latest.open_trades, *own)
    yield from _known("bundle_closed_trades", latest.closed_trades, *own)
    yield from _known("bundle_winning_trades", latest.wins, *own)
    yield from _known("slippage_ratio", latest.slippage_ratio, *own)


def _totals(own: tuple[str, str], totals: Totals) -> Iterator[Reading]:
    yield _reading("closed_trades", totals.closed_trades, *own)
    yield _reading("winning_trades", totals.wins, *own)
    yield _reading("errors", totals.errors, *own)
    yield from _by_currency("profit", own, totals.profit)
    yield from _by_currency("fees", own, totals.fees)


def _by_currency(name: str, own: tuple[str, str], money: Mapping[str, float]) -> Iterator[Reading]:
    for currency, value in sorted(money.items()):
        yield _reading(name, value, *own, currency)


def _known(name: str, value: float | None, *labels: str) -> Iterator[Reading]:
    if value is not None:
        yield _reading(name, value, *labels)


def _reading(name: str, value: float, *labels: str) -> Reading:
    return Reading(BY_NAME[name], labels, float(value))


def _age(at: datetime | None, now: datetime) -> float | None:
    """Seconds; 0 for what a clock that was set back leaves in the future."""
    return None if at is None else max(0.0, (now - at).total_seconds())
