"""What is known of a bundle in one environment: the ledger, the observations of its watch, its bot's own words, and its evidence."""

from dataclasses import dataclass, replace

import pandas as pd

from pipeline.domain.bot import BotState
from pipeline.domain.bot_report import OpenTrade
from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.boarding import Shown
from pipeline.domain.train.decide import Observation, shown_of
from pipeline.domain.train.edge import Promise
from pipeline.domain.train.own import in_currency, joined, own_closed, stood
from pipeline.domain.train.promised import promise_in
from pipeline.domain.train.state import HoldKind
from pipeline.errors import FreqtrainError, ToolFailed
from pipeline.flows.road import Road
from pipeline.ports import PastObservations

DISQUALIFIES = frozenset({HoldKind.STOP, HoldKind.BRAKE, HoldKind.DOUBT})
"""Holds under which a bundle does not board elsewhere; a drain or a retirement says nothing against it, a block is judged apart."""


def shown(strategy: str, bundle: str, road: Road, past: PastObservations | None) -> Shown | None:
    """What a bundle brings along from that environment; None where nobody observed it.

    Raises:
        ToolFailed: the observations cannot be read.
    """
    if past is None or (strategy, bundle) not in past.bundles():
        return None
    seen = observation(strategy, bundle, road, past)
    return shown_of(seen, promise(bundle, road), road.environment.staying)


def observation(strategy: str, bundle: str, road: Road, past: PastObservations | None) -> Observation:
    """What was seen of a bundle.

    Which of its trades are open, only its bot can tell, which also tells trades that are not kept yet. Of a bundle that does not run any more, or
    whose bot does not answer, that stays unknown, and so does everything that follows from trades.

    Raises:
        ToolFailed: the observations cannot be read.
    """
    state = road.state()
    known = state.of(strategy)
    counted = known.observed.get(bundle)
    held = tuple(str(hold) for hold in state.holds(strategy, bundle) if hold.kind in DISQUALIFIES | {HoldKind.BLOCK})
    hours, parity = counted.healthy_hours if counted else 0.0, known.parity.get(bundle)
    seen = Observation(strategy, bundle, hours, held=held, parity=parity)
    if past is None or (strategy, bundle) not in past.bundles():
        return replace(seen, unseen="Nobody has observed it here yet.")
    told = told_by_bot(strategy, bundle, road)
    kept = past.trades(strategy, bundle)
    trades = joined(kept, own_closed(told.closed, state, strategy, bundle)) if told else kept
    open_since = (
        tuple(at for at in (one.opened_at for one in told.open) if stood(at, state, strategy, bundle)) if told else None
    )
    lost: tuple[str, ...] = ()
    if counted and len(trades) < counted.closed_trades:
        lost = (f"the ledger counted {counted.closed_trades} closed trades, and {len(trades)} are kept",)
    if told:  # Sums of two currencies say nothing; what was counted and kept in the earlier one is not lost.
        trades = in_currency(trades, told.currency)
    since = min((made.since_at for made in known.deployments if made.bundle == bundle), default=None)
    broken = any(not gap.strategy and since and gap.until > since for gap in past.gaps(strategy, bundle))
    curve = pd.Series(dtype=float) if broken else past.equity(strategy, bundle)
    unseen = "" if told else "Its bot does not tell which trades are open."
    return replace(seen, trades=trades, open_since=open_since, curve=curve, damaged=lost, unseen=unseen)


def promise(bundle: str, road: Road) -> Promise | None:
    """What the bundle's evidence promises of a trade; None where it promises nothing, or cannot be read, which is told."""
    try:
        document = road.bundles.evidence(road.bundles.get(bundle).newest)
    except FreqtrainError as error:
        road.narrator.say(error.message)
        return None
    return promise_in(document, simulated=road.rehearsal)


@dataclass(frozen=True, slots=True)
class Told:
    """What a bot tells: its open positions, all closed trades of its database, and in which currency it stakes."""

    open: tuple[OpenTrade, ...]
    closed: tuple[ClosedTrade, ...]
    currency: str


def told_by_bot(strategy: str, bundle: str, road: Road) -> Told | None:
    """What the bundle's bot tells; None where it runs none that answers."""
    standing = road.state().of(strategy).standing
    if standing is None or standing.bundle != bundle:
        return None
    for bot in road.runtime.running():
        spec = bot.spec
        mine = (spec.environment, spec.strategy, spec.bundle) == (road.environment.name, strategy, bundle)
        if not mine or bot.state is BotState.DOWN:
            continue
        try:
            api = road.homes.bot(spec)
            said = api.identity()
            if (said.name, said.bundle) == (spec.name, bundle):
                opened = api.open_trades()  # First: what is closed meanwhile counts as both.
                return Told(opened, api.closed_trades(), said.stake_currency)
        except ToolFailed as error:
            road.narrator.say(f"{spec.name} does not answer: {error.message}")
    return None
