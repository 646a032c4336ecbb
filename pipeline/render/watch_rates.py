"""What an environment's demands make of made-up bots: a table, and what it means."""

from pipeline.domain.canonical import Plain
from pipeline.domain.pass_rates import Rate
from pipeline.domain.watch_rates import (
    EDGE_RATIO,
    LARGE,
    LEAST_LARGE,
    LEAST_SMALL,
    MOST_PROMOTED,
    MOST_TAKEN_BACK,
    SMALL,
    TRADES,
    WatchRow,
    WatchSimulated,
)

HEADS = (
    "taken back",
    "promise kept",
    f"{-SMALL * 100:.1f} % a trade",
    f"{-LARGE * 100:.1f} % a trade",
    "t-test, kept",
)
PROMOTED_HEADS = ("promoted", "no edge", f"{EDGE_RATIO * 100:+.1f} % a trade", "t-test, no edge")


def table(simulated: WatchSimulated) -> str:
    """Both tables with 95 % intervals, and sentences below; plain text."""
    taken = [(row.world.name, *map(_share, (row.kept, row.small, row.large, row.naive_kept))) for row in simulated.rows]
    promoted = [
        (row.world.name, *(_share(rate) for rate in (row.nothing, row.edge, row.naive_nothing) if rate))
        for row in simulated.rows
    ]
    second = [*_lines([PROMOTED_HEADS, *promoted]), ""] if simulated.demands.edge_ratio is not None else []
    return "\n".join([*_lines([HEADS, *taken]), "", *second, *sentences(simulated)]) + "\n"


def sentences(simulated: WatchSimulated) -> list[str]:
    """What the rates mean."""
    goals = [row for row in simulated.rows if row.goal]
    named = " and ".join(f"'{row.world.name}'" for row in goals)
    kept = max((r.kept for r in goals), key=_size)
    nothing = max((r.nothing for r in goals if r.nothing), key=_size, default=None)
    small, large = (min(rates, key=_size) for rates in ([r.small for r in goals], [r.large for r in goals]))
    naive = max((row.naive_kept for row in goals), key=_size)
    told = [
        f"Bots are looked at every day for {TRADES} trades, {named}.",
        f"Of those that keep the promise, at most {_percent(kept)} are taken back"
        f" ({_goal('at most', MOST_TAKEN_BACK, kept.share <= MOST_TAKEN_BACK)}).",
        f"Of those that miss it by {SMALL * 100:.1f} % a trade, at least {_percent(small)} are"
        f" ({_goal('at least', LEAST_SMALL, small.share >= LEAST_SMALL)}),"
        f" by {LARGE * 100:.1f} %, at least {_percent(large)} ({_goal('at least', LEAST_LARGE, large.share >= LEAST_LARGE)}).",
        f"A t-test that is looked at as often takes back {_percent(naive)} of those that keep the promise.",
    ]
    if nothing:
        wanted = _goal("at most", MOST_PROMOTED, nothing.share <= MOST_PROMOTED)
        told.append(f"Of those without an edge, at most {_percent(nothing)} board ({wanted}).")
    else:
        told.append(
            f"No edge is demanded before a bundle boards '{simulated.environment}': those without one board as well."
        )
    if simulated.demands.tolerated_ratio:
        told.append(f"A trade may fall {simulated.demands.tolerated_ratio * 100:g} % short of the promise.")
    return told


def document(simulated: WatchSimulated) -> dict[str, Plain]:
    """The same for programs."""
    return {
        "environment": simulated.environment,
        "policy": simulated.policy_digest,
        "seed": simulated.seed,
        "runs": simulated.runs,
        "trades": TRADES,
        "tolerated_ratio": simulated.demands.tolerated_ratio,
        "edge_ratio": simulated.demands.edge_ratio,
        "soak_trades": simulated.demands.soak_trades,
        "as_promised": simulated.as_promised,
        "rows": [_row(row) for row in simulated.rows],
    }


def _row(row: WatchRow) -> dict[str, Plain]:
    world = row.world
    return {
        "world": world.name,
        "goal": row.goal,
        "deviation_ratio": world.deviation_ratio,
        "promise_trades": world.promise_trades,
        "taken_back": {
            "promise_kept": _rate(row.kept),
            "short_by": {f"{SMALL:g}": _rate(row.small), f"{LARGE:g}": _rate(row.large)},
            "naive_promise_kept": _rate(row.naive_kept),
        },
        "promoted": {
            "no_edge": _rate(row.nothing),
            f"edge_{EDGE_RATIO:g}": _rate(row.edge),
            "naive_no_edge": _rate(row.naive_nothing),
        },
    }


def _lines(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _goal(side: str, bound: float, met: bool) -> str:
    return f"{side} {bound * 100:.0f} % wanted" if met else f"MISSED: {side} {bound * 100:.0f} % wanted"


def _size(rate: Rate) -> float:
    return rate.share


def _share(rate: Rate) -> str:
    return f"{_percent(rate)} ({rate.low * 100:.1f} to {rate.high * 100:.1f})"


def _percent(rate: Rate) -> str:
    return f"{rate.share * 100:.1f} %"


def _rate(rate: Rate | None) -> Plain:
    return None if rate is None else {"passed": rate.passed, "of": rate.of, "low": rate.low, "high": rate.high}
