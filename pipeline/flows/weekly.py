"""A week of an environment in a few lines: balance, trades, win rate and curve of each strategy, and what was decided."""

from datetime import datetime, timedelta

from pipeline.domain.trades import ClosedTrade
from pipeline.domain.train.decisions import Braked, DecisionMade, RolledBack
from pipeline.domain.train.facts import recorded
from pipeline.domain.train.steps import short
from pipeline.flows.watch_post import Post
from pipeline.ports import PastObservations
from pipeline.render.sparkline import sparkline

WEEK = timedelta(days=7)
KINDS = frozenset({"decision_made", "braked", "rolled_back"})


def weekly(post: Post, now: datetime) -> str:
    """One line a strategy that stands or traded, then the brakes and roll-backs; raises Refused or ToolFailed where something cannot be read."""
    state, since = post.road.state(), now - WEEK
    past = post.past() if post.past is not None else None
    bundles = past.bundles() if past is not None else ()
    lines = []
    for strategy in sorted({*state.strategies, *(one for one, _ in bundles)}):
        standing = state.of(strategy).standing
        own = [bundle for one, bundle in bundles if one == strategy]
        trades = [trade for bundle in own for trade in _closed(past, strategy, bundle, since)]
        if standing is None and not trades:
            continue
        bundle = standing.bundle if standing else ""
        decided = state.of(strategy).decided
        said = [short(bundle) or "nothing runs", _balance(past, strategy, bundle, now), _earned(trades)]
        if decided is not None and decided.bundle == bundle:
            said.append(f"decided: {decided.decision.replace('_', ' ')}")
        lines.append(f"{strategy}: {', '.join(one for one in said if one)}.")
        if curve := _curve(past, strategy, bundle, since, now):
            lines.append(curve)
    return "\n".join([*(lines or ["Nothing runs."]), _acts(post, since)])


def _closed(past: PastObservations | None, strategy: str, bundle: str, since: datetime) -> list[ClosedTrade]:
    return [one for one in past.trades(strategy, bundle) if one.closed_at >= since] if past is not None else []


def _balance(past: PastObservations | None, strategy: str, bundle: str, now: datetime) -> str:
    """The latest that is known of the last day, with its currency."""
    samples = past.samples(strategy, bundle, now - timedelta(days=1)) if past is not None and bundle else ()
    known = next((one for one in reversed(samples) if one.balance is not None), None)
    return f"balance {known.balance:.2f} {known.currency}" if known is not None else "balance not known"


def _curve(past: PastObservations | None, strategy: str, bundle: str, since: datetime, now: datetime) -> str:
    """The equity of the bundle that stands, over the week."""
    samples = past.samples(strategy, bundle, since) if past is not None and bundle else ()
    return sparkline(((one.at, one.equity) for one in samples if one.equity is not None), since, now)


def _earned(trades: list[ClosedTrade]) -> str:
    if not trades:
        return "no trade closed"
    won, profit = sum(trade.profit > 0 for trade in trades), sum(trade.profit for trade in trades)
    return f"{len(trades)} trades closed, {100 * won / len(trades):.0f} % won, {profit:+.2f} earned"


def _acts(post: Post, since: datetime) -> str:
    entries = [entry for entry in post.road.ledger.entries() if entry.at >= since and entry.kind in KINDS]
    facts = [record.fact for record in recorded(entries)]
    brakes, back = (sum(isinstance(fact, kind) for fact in facts) for kind in (Braked, RolledBack))
    decisions = sum(isinstance(fact, DecisionMade) for fact in facts)
    return f"{decisions} decisions, {brakes} brakes, {back} roll-backs."
