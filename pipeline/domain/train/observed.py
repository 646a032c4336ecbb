"""What was seen of a bundle, put together from the ledger, from what was kept of it, and from what its bot tells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decide import Observation
from pipeline.domain.train.own import in_currency, joined, own_closed, stood
from pipeline.domain.train.samples import Gap
from pipeline.domain.train.state import EnvironmentState, HoldKind

DISQUALIFIES = frozenset({HoldKind.STOP, HoldKind.BRAKE, HoldKind.DOUBT})
"""Holds under which a bundle does not board elsewhere; a drain or a retirement says nothing against it, a block is judged apart."""

UNTOLD = "Its bot does not tell which trades are open."
NEVER = "Nobody has observed it here yet."


@dataclass(frozen=True, slots=True)
class Words:
    """A bot's own: when the trades were opened that it has open, all trades that its database knows as closed, and in which currency it stakes.

    Without a currency all trades are taken to be in one.
    """

    open_since: tuple[datetime, ...]
    closed: tuple[ClosedTrade, ...] = ()
    currency: str = ""


def in_ledger(strategy: str, bundle: str, state: EnvironmentState) -> Observation:
    """What the ledger alone says of a bundle that nobody has observed."""
    known = state.of(strategy)
    counted = known.observed.get(bundle)
    held = tuple(str(hold) for hold in state.holds(strategy, bundle) if hold.kind in DISQUALIFIES | {HoldKind.BLOCK})
    hours, parity = counted.healthy_hours if counted else 0.0, known.parity.get(bundle)
    return Observation(strategy, bundle, hours, held=held, parity=parity, unseen=NEVER)


def observed(
    strategy: str,
    bundle: str,
    state: EnvironmentState,
    kept: Sequence[ClosedTrade],
    gaps: Sequence[Gap],
    curve: Callable[[], pd.Series],
    told: Words | None,
) -> Observation:
    """What was seen of a bundle that was observed.

    Args:
        kept: its trades, as far as they were kept.
        curve: its equity as it was kept; not asked for where the file that held its beginning was lost.
        told: None where its bot tells nothing; then what follows from trades is not known.
    """
    known = state.of(strategy)
    counted = known.observed.get(bundle)
    trades = joined(kept, own_closed(told.closed, state, strategy, bundle)) if told else tuple(kept)
    open_since = tuple(at for at in told.open_since if stood(at, state, strategy, bundle)) if told else None
    lost: tuple[str, ...] = ()
    if counted and len(trades) < counted.closed_trades:
        lost = (f"the ledger counted {counted.closed_trades} closed trades, and {len(trades)} are kept",)
    if (
        told and told.currency
    ):  # Sums of two currencies say nothing; what was counted and kept in the earlier one is not lost.
        trades = in_currency(trades, told.currency)
    since = min((made.since_at for made in known.deployments if made.bundle == bundle), default=None)
    broken = any(not gap.strategy and since and gap.until > since for gap in gaps)
    return replace(
        in_ledger(strategy, bundle, state),
        trades=trades,
        open_since=open_since,
        curve=pd.Series(dtype=float) if broken else curve(),
        damaged=lost,
        unseen="" if told else UNTOLD,
    )
