"""What a policy makes of synthetic strategies: a table, and what it means."""

from pipeline.domain.canonical import Plain
from pipeline.domain.pass_rates import ALLOWED, EDGE, MOST_TRADES, POWER, TRIES, Rate, Row, Simulated
from pipeline.domain.synthetic import Kind

HEADS = (
    "edge per trade",
    "trades",
    "pass alone",
    f"best of {TRIES}, counted",
    f"best of {TRIES}, not counted",
)


def table(simulated: Simulated) -> str:
    """The rates with their 95 % intervals, and sentences below; plain text, no line longer than 110 columns."""
    rows = [HEADS, *(_cells(row) for row in simulated.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *sentences(simulated)]) + "\n"


def sentences(simulated: Simulated) -> list[str]:
    """What the rates mean."""
    nothing = [row for row in simulated.rows if row.kind.edge == 0]
    alone, best = (
        max(rates, key=lambda rate: rate.share) for rates in zip(*((r.alone, r.counted) for r in nothing), strict=True)
    )
    worst = max(alone.share, best.share)
    meaning = "no more than" if worst <= ALLOWED else "MORE THAN"
    return [
        f"Without an edge, at most {_percent(alone.share)} of strategies pass alone, and {_percent(best.share)} of those who try {TRIES} times,",
        f"every try counted: {meaning} the {_percent(ALLOWED)} that luck may have.",
        f"A true edge of {EDGE:g} per trade passes in {POWER * 100:.0f} of 100 cases with about {_needed(simulated.needed_first)} trades,"
        f" and as the {TRIES}th try with {_needed(simulated.needed_tenth)}.",
    ]


def document(simulated: Simulated) -> dict[str, Plain]:
    """The same for programs."""
    return {
        "environment": simulated.environment,
        "policy": simulated.policy_digest,
        "seed": simulated.seed,
        "runs": simulated.runs,
        "tries": TRIES,
        "rows": [
            {
                "edge": row.kind.edge,
                "trades": row.kind.trades,
                "overlapping": row.kind.overlapping,
                "alone": _rate(row.alone),
                "best_counted": _rate(row.counted),
                "best_uncounted": _rate(row.uncounted),
            }
            for row in simulated.rows
        ],
        "trades_needed": {
            "edge": EDGE,
            "power": POWER,
            "first_try": simulated.needed_first,
            f"try_{TRIES}": simulated.needed_tenth,
        },
    }


def _cells(row: Row) -> tuple[str, ...]:
    return _edge(row.kind), str(row.kind.trades), *map(_share, (row.alone, row.counted, row.uncounted))


def _edge(kind: Kind) -> str:
    name = f"{kind.edge:g}" if kind.edge else "none"
    return f"{name}, overlapping" if kind.overlapping else name


def _share(rate: Rate) -> str:
    return f"{_percent(rate.share)} ({rate.low * 100:.1f} to {rate.high * 100:.1f})"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _needed(trades: int | None) -> str:
    return f"more than {MOST_TRADES}" if trades is None else str(trades)


def _rate(rate: Rate) -> dict[str, Plain]:
    return {"passed": rate.passed, "of": rate.of, "low": rate.low, "high": rate.high}
