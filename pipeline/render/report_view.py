"""What the report says about one strategy, ready to be read: the template only lays it out."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.domain.evidence import Judgement, WindowPicture
from pipeline.domain.judge import JUDGE
from pipeline.domain.metrics import METRICS
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Outcome, Subject
from pipeline.render import trade_differences
from pipeline.render.curves import monthly
from pipeline.render.demands import Demand, demands
from pipeline.render.figures import NOTHING, figures, said, shortcomings, subjects, warnings, windows
from pipeline.render.outcomes import MEANINGS, SYMBOLS, met
from pipeline.render.plain import NAME_LIMIT, plain_text
from pipeline.render.trade_tables import Extreme, Group, all_trades, extremes, grouped

SIGNED = frozenset({"profit_total_ratio", "profit_mean_ratio", "expectancy", "market_change_ratio", "excess_ratio"})
CARDS = (
    "profit_total_ratio", "excess_ratio", "profit_factor", "drawdown_max_ratio", "sharpe", "trades", "win_rate_ratio", "exposure_ratio"
)  # fmt: skip
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LISTED = 500
"""Findings told in the report; evidence.json has all."""


@dataclass(frozen=True, slots=True)
class Card:
    """One key figure; `others` are the incumbent's and the market's."""

    title: str
    value: str
    others: tuple[tuple[str, str], ...]
    needed: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class WindowView:
    """A window's heading and the sentence that stands for its chart."""

    index: int
    name: str
    span: str
    told: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding; `level` is an outcome's name or "warning"."""

    level: str
    symbol: str
    check: str
    rule: str
    link: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month's returns in percent and how strongly its cell is tinted, -3 to 3."""

    candidate: str
    market: str
    tint: int


@dataclass(frozen=True, slots=True)
class Section:
    """Everything about one strategy."""

    id: str
    title: str
    outcome: Outcome
    symbol: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    digests: tuple[tuple[str, str], ...]
    cards: tuple[Card, ...]
    subjects: tuple[str, ...]
    numbers: tuple[tuple[str, str, tuple[tuple[str, ...], ...]], ...]
    columns: tuple[str, ...]
    windows: tuple[WindowView, ...]
    demands: tuple[Demand, ...]
    months: tuple[tuple[int, tuple[Month | None, ...], Month], ...]
    currency: str
    trades: int
    pairs: tuple[Group, ...]
    reasons: tuple[Group, ...]
    tags: tuple[Group, ...]
    best: tuple[Extreme, ...]
    worst: tuple[Extreme, ...]
    deciding: tuple[FindingView, ...]
    findings: tuple[FindingView, ...]
    omitted_findings: int
    parted: tuple[tuple[str, ...], ...]


def section(judgement: Judgement, pictures: Sequence[WindowPicture], *, docs_url: str) -> Section:
    """The view of one judgement."""
    evidence, outcome, table = judgement.evidence, judgement.verdict.outcome, figures(judgement)
    trades, whose, demanded = all_trades(evidence.windows), subjects(judgement), demands(judgement)
    columns = (ALL_WINDOWS, *windows(judgement)) if table else ()
    listed = _listed(judgement)
    best, worst = extremes(trades)
    return Section(
        id=plain_text(evidence.provenance.strategy, NAME_LIMIT),
        title=plain_text(evidence.provenance.title, 2 * NAME_LIMIT),
        outcome=outcome,
        symbol=SYMBOLS[outcome],
        headline=f"{MEANINGS[outcome]}: {met(judgement)}" if outcome is Outcome.PASS else f"{MEANINGS[outcome]}.",
        facts=tuple(_facts(judgement)),
        digests=tuple(_digests(judgement)),
        cards=tuple(_cards(judgement, demanded)) if table else (),
        subjects=tuple(whose),
        numbers=tuple(
            (
                m.name,
                m.title,
                tuple(tuple(said(table, s, w, m.name, signed=m.name in SIGNED) for s in whose) for w in columns),
            )
            for m in METRICS.values()
        ),
        columns=tuple(plain_text(column, NAME_LIMIT) for column in columns),
        windows=tuple(_window(index, picture, judgement) for index, picture in enumerate(pictures)),
        demands=demanded,
        months=tuple(_months(pictures)),
        currency=_currency(evidence.provenance.pairs),
        trades=len(trades),
        pairs=tuple(grouped(trades, lambda t: t.pair)),
        reasons=tuple(grouped(trades, lambda t: t.exit_reason)),
        tags=tuple(grouped(trades, lambda t: t.enter_tag)),
        best=tuple(best),
        worst=tuple(worst),
        deciding=tuple(_finding(f, docs_url) for f in shortcomings(judgement)[:LISTED]),
        findings=tuple(_finding(f, docs_url) for f in listed[:LISTED]),
        omitted_findings=max(0, len(listed) - LISTED),
        parted=tuple(tuple(plain_text(cell) for cell in row) for row in trade_differences.rows(judgement)),
    )


def _listed(judgement: Judgement) -> list[Finding]:
    """What did not pass, then warnings, then what other checks found in order; the judge's passes are in the table of thresholds."""
    noted = [*shortcomings(judgement), *warnings(judgement)]
    rest = [f for f in judgement.verdict.findings if f.outcome is Outcome.PASS and not f.warning and f.check != JUDGE]
    return noted + rest


def _facts(judgement: Judgement) -> Iterable[tuple[str, str]]:
    evidence = judgement.evidence
    source = evidence.provenance
    yield "class", plain_text(source.class_name, NAME_LIMIT)
    if source.owner:
        yield "owner", plain_text(source.owner, NAME_LIMIT)
    if judgement.chosen_because:
        yield "judged because", plain_text(judgement.chosen_because)
    yield "pairs", plain_text(", ".join(source.pairs), 2_000)
    yield "timeframe", plain_text(source.timeframe, NAME_LIMIT)
    if evidence.windows:
        first = min(item.window.start for item in evidence.windows)
        last = max(item.window.end for item in evidence.windows)
        yield "time", f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    yield "data set", plain_text(source.dataset)
    yield "versions", plain_text(", ".join(f"{name} {version}" for name, version in sorted(source.versions.items())))
    yield "isolation", plain_text(source.isolation)
    yield "run", _run(judgement)


def _run(judgement: Judgement) -> str:
    run = judgement.evidence.run
    parts = [f"began {run.started_at}" if run.started_at else "", f"{run.seconds:.1f} s" if run.seconds else ""]
    parts += [
        f"peak {run.peak_memory_mib:.0f} MiB" if run.peak_memory_mib else "",
        "backtests from the cache" if run.cached else "",
    ]
    return plain_text(", ".join(part for part in parts if part)) or NOTHING


def _digests(judgement: Judgement) -> Iterable[tuple[str, str]]:
    source = judgement.evidence.provenance
    yield "content", source.content_digest
    yield "policy", source.policy_digest
    yield "environment", source.environment_digest
    yield "candles", source.dataset_digest
    yield "markets", source.markets_digest
    if judgement.incumbent is not None:
        yield "incumbent", judgement.incumbent.provenance.content_digest
    for path, named in sorted(source.files.items()):
        yield plain_text(path, NAME_LIMIT), named


def _cards(judgement: Judgement, demanded: Sequence[Demand]) -> Iterable[Card]:
    table = figures(judgement)
    for metric in CARDS:
        signed = metric in SIGNED
        others = (
            (subject.value, said(table, subject, ALL_WINDOWS, metric, signed=signed))
            for subject in subjects(judgement)
            if subject is not Subject.CANDIDATE
        )
        need = next(
            (d for d in demanded if d.metric == metric and d.scope == ALL_WINDOWS and not d.actual[0].reference), None
        )
        yield Card(
            title=METRICS[metric].title,
            value=said(table, Subject.CANDIDATE, ALL_WINDOWS, metric, signed=signed),
            others=tuple((name, value) for name, value in others if value != NOTHING),
            needed=need.needed if need else "",
            outcome=need.outcome if need else None,
        )


def _window(index: int, picture: WindowPicture, judgement: Judgement) -> WindowView:
    table, name = figures(judgement), picture.window.name
    told = ", ".join(
        f"{subject.value} {said(table, subject, name, 'profit_total_ratio', signed=True)}"
        f" (drawdown {said(table, subject, name, 'drawdown_max_ratio')})"
        for subject in subjects(judgement)
    )
    span = f"{picture.window.start:%Y-%m-%d} to {picture.window.end:%Y-%m-%d}"
    return WindowView(index, plain_text(name, NAME_LIMIT), span, told)


def _finding(finding: Finding, docs_url: str) -> FindingView:
    rule = plain_text(finding.rule, NAME_LIMIT)
    link = ""
    if finding.check == JUDGE:
        link = f"#metric-{finding.rule}" if finding.rule in METRICS else ""
    elif docs_url and re.fullmatch(r"FT[0-9]+", finding.rule):
        link = f"{docs_url.rstrip('/')}/rules.md#{finding.rule.lower()}"
    return FindingView(
        level="warning" if finding.warning else finding.outcome.name,
        symbol="⚠" if finding.warning else SYMBOLS[finding.outcome],
        check=plain_text(finding.check, NAME_LIMIT),
        rule=METRICS[finding.rule].title if finding.rule in METRICS else rule,
        link=link,
        place=plain_text(str(finding.place), 2 * NAME_LIMIT) if finding.place else "",
        reason=plain_text(finding.reason, 2_000),
    )


def _months(pictures: Sequence[WindowPicture]) -> Iterable[tuple[int, tuple[Month | None, ...], Month]]:
    candidate, market = monthly([p.equity for p in pictures]), monthly([p.market for p in pictures])
    for year in sorted({year for year, _ in candidate}):
        cells = tuple(
            _month(candidate[year, m], market[year, m]) if (year, m) in candidate else None for m in range(1, 13)
        )
        yield year, cells, _month(_compound(candidate, year), _compound(market, year))


def _month(own: float, market: float) -> Month:
    size = sum(abs(own) >= bound for bound in (0.002, 0.02, 0.06))
    return Month(f"{own * 100:+.1f}", f"{market * 100:+.1f}", size if own > 0 else -size)


def _compound(returns: dict[tuple[int, int], float], year: int) -> float:
    growth = 1.0
    for (y, _), value in returns.items():
        growth *= 1.0 + value if y == year else 1.0
    return growth - 1.0


def _currency(pairs: Sequence[str]) -> str:
    """The quote currency that all pairs share, or nothing."""
    quotes = {pair.partition("/")[2].partition(":")[0] for pair in pairs}
    return plain_text(quotes.pop(), 12) if len(quotes) == 1 else ""
