"""The comment on a pull request: Markdown that GitHub renders, and nothing in it that a strategy could misuse."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.domain.dataset import SIMULATED_NOTE
from pipeline.domain.evidence import Judgement, WindowPicture
from pipeline.domain.verdict import ALL_WINDOWS, Finding, Outcome, Subject
from pipeline.render import trade_differences
from pipeline.render.curves import linked
from pipeline.render.demands import demands
from pipeline.render.evidence_json import evidence_document
from pipeline.render.figures import NOTHING, figures, said, shortcomings, subjects, warnings, windows
from pipeline.render.markdown import code, folded, table, words
from pipeline.render.outcomes import MEANINGS, counted, met, overall

MARKER = "<!-- freqtrain:gate -->"
"""The first line, by which the comment is found again and kept up to date."""

LIMIT = 60_000
"""Bytes; GitHub refuses a comment of more than 65,536 characters."""

POINTS = 40
LISTED = 10
ROWS = 100
SIGNS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.INCONCLUSIVE: "❔", Outcome.ERROR: "⚠️"}
COLUMNS = (
    ("trades", "trades", False),
    ("profit", "profit_total_ratio", True),
    ("above the market", "excess_ratio", True),
    ("profit factor", "profit_factor", False),
    ("drawdown", "drawdown_max_ratio", False),
    ("Sharpe", "sharpe", False),
)
COLOURS = {
    Subject.CANDIDATE: ("blue", "#3b82f6"),
    Subject.MARKET: ("grey", "#8b95a1"),
    Subject.INCUMBENT: ("orange", "#d97706"),
}


def markdown(
    judgements: Sequence[Judgement],
    pictures: Mapping[str, Sequence[WindowPicture]] = {},
    *,
    report_url: str | None = None,
) -> str:
    """The comment, at most 60,000 bytes: candidate, incumbent and market side by side, why, a chart, and details to open.

    Where the whole would be too long, the charts go first, then the details, then the reasons; the table stays, of very many strategies
    that of the worst hundred.
    """
    shown = list(judgements)
    if len(_assembled(judgements, shown, {}, 0, report_url).encode()) > LIMIT:
        shown = sorted(judgements, key=lambda judgement: -judgement.verdict.outcome)[:ROWS]
    texts = (_assembled(judgements, shown, pictures, depth, report_url) for depth in (3, 2, 1, 0))
    return next((text for text in texts if len(text.encode()) <= LIMIT), "")


def _assembled(
    judgements: Sequence[Judgement],
    shown: Sequence[Judgement],
    pictures: Mapping[str, Sequence[WindowPicture]],
    depth: int,
    report_url: str | None,
) -> str:
    """The comment as far as a depth: 0 the table, 1 also the reasons, 2 also details, 3 also charts."""
    parts = [_head(judgements), _overview(shown)]
    if depth:
        parts += [_strategy(j, pictures if depth > 2 else {}, details=depth > 1) for j in shown]
    if depth < 3:
        left_out = f", with {len(judgements) - len(shown)} more strategies" if len(judgements) > len(shown) else ""
        parts.append(f"Shortened to what fits into a comment; the report has everything{left_out}.\n")
    return "\n".join(part for part in (*parts, _foot(judgements, report_url)) if part)


def _head(judgements: Sequence[Judgement]) -> str:
    outcome = overall(judgements)
    passed = sum(judgement.verdict.outcome is Outcome.PASS for judgement in judgements)
    told = (
        f"{passed} of {counted(len(judgements), 'strategy')} passed" if judgements else "no strategy was to be judged"
    )
    lines = [MARKER, f"## {SIGNS[outcome]} {outcome.name}: {told}", ""]
    if any(judgement.evidence.provenance.simulated for judgement in judgements):
        lines += ["> [!NOTE]", f"> The market is {SIMULATED_NOTE}.", ""]
    return "\n".join(lines)


def _overview(judgements: Sequence[Judgement]) -> str:
    rows = []
    for judgement in judgements:
        outcome, data = judgement.verdict.outcome, figures(judgement)
        for subject in subjects(judgement):
            own = subject is Subject.CANDIDATE
            name = (
                [code(judgement.evidence.provenance.strategy), f"{SIGNS[outcome]} {outcome.name}"] if own else ["", ""]
            )
            numbers = [said(data, subject, ALL_WINDOWS, metric, signed=signed) for _, metric, signed in COLUMNS]
            rows.append([*name, subject.value, *numbers])
    header = ["strategy", "outcome", "", *(title for title, _, _ in COLUMNS)]
    return table(header, rows, right_from=3) if rows else ""


def _strategy(judgement: Judgement, pictures: Mapping[str, Sequence[WindowPicture]], *, details: bool) -> str:
    outcome, source, noted = judgement.verdict.outcome, judgement.evidence.provenance, warnings(judgement)
    meaning = f"{MEANINGS[outcome]}: {words(met(judgement))}" if outcome is Outcome.PASS else f"{MEANINGS[outcome]}."
    parts = [f"### {code(source.strategy)} {meaning}\n", _listed(shortcomings(judgement))]
    if details and (parted := trade_differences.rows(judgement)):
        cells = [[words(cell, 160) for cell in row] for row in parted]
        parts.append(
            folded("First differences between the trades", table(list(trade_differences.HEADER), cells, right_from=5))
        )
    parts.append(_chart(pictures.get(source.strategy, ())))
    if details:
        if windows(judgement):
            parts.append(folded("Window by window", _windows(judgement)))
        if figures(judgement):
            parts.append(folded("Thresholds", _thresholds(judgement)))
        if noted:
            parts.append(folded(counted(len(noted), "warning"), _listed(noted)))
        parts.append(folded("What was judged", _judged(judgement)))
    return "\n".join(part for part in parts if part)


def _listed(findings: Sequence[Finding]) -> str:
    lines = []
    for finding in findings[:LISTED]:
        sign = "🔸" if finding.warning else SIGNS[finding.outcome]
        place = f" {code(str(finding.place), 160)}" if finding.place else ""
        rule = f" ({code(finding.rule)})" if finding.place else ""
        lines.append(f"- {sign}{place} {words(finding.reason)}{rule}\n")
    if len(findings) > LISTED:
        lines.append(f"- … and {len(findings) - LISTED} more in the report\n")
    return "".join(lines)


def _chart(pictures: Sequence[WindowPicture]) -> str:
    """The linked account against the market as a mermaid chart, which GitHub draws; it knows no legend, so the text has it."""
    curves = {Subject.MARKET: [p.market for p in pictures]}
    incumbent = [p.incumbent for p in pictures if p.incumbent is not None]
    if pictures and len(incumbent) == len(pictures):
        curves[Subject.INCUMBENT] = incumbent
    curves[Subject.CANDIDATE] = [p.equity for p in pictures]
    lines = {subject: _sampled(linked(parts) * 100) for subject, parts in curves.items()}
    if not pictures or not all(np.isfinite(line).all() for line in lines.values()):
        return ""
    low, high = (bound(bound(line) for line in lines.values()) for bound in (min, max))
    margin = max((high - low) * 0.05, 0.5)
    days = sum((p.equity.index[-1] - p.equity.index[0]).total_seconds() for p in pictures) / 86_400
    palette = ", ".join(COLOURS[subject][1] for subject in lines)
    legend = ", ".join(f"{COLOURS[subject][0]}: {subject.value}" for subject in reversed(lines))
    drawn = "\n".join(f"    line [{', '.join(f'{value:.1f}' for value in line)}]" for line in lines.values())
    return (
        "```mermaid\n"
        "---\nconfig:\n  xyChart:\n    width: 880\n    height: 320\n"
        f'  themeVariables:\n    xyChart:\n      plotColorPalette: "{palette}"\n---\n'
        "xychart-beta\n"
        f'    x-axis "days judged" 0 --> {days:.1f}\n'
        f'    y-axis "account, start = 100" {low - margin:.1f} --> {high + margin:.1f}\n'
        f"{drawn}\n```\n\n<sub>{legend}; all windows linked.</sub>\n"
    )


def _sampled(values: np.ndarray) -> np.ndarray:
    rows = np.linspace(0, len(values) - 1, min(POINTS, len(values))).round().astype(int)
    return np.asarray(values[rows])


def _windows(judgement: Judgement) -> str:
    data, rows = figures(judgement), []
    for window in windows(judgement):
        for subject in subjects(judgement):
            numbers = [said(data, subject, window, metric, signed=signed) for _, metric, signed in COLUMNS]
            if any(number != NOTHING for number in numbers):
                rows.append([words(window, 80) if subject is Subject.CANDIDATE else "", subject.value, *numbers])
    return table(["window", "", *(title for title, _, _ in COLUMNS)], rows, right_from=2)


def _thresholds(judgement: Judgement) -> str:
    rows = []
    for demand in demands(judgement):
        actual = "<br>".join(
            f"{words(a.window, 80) + ': ' if len(demand.actual) > 1 else ''}{a.value}{f' ({a.reference})' if a.reference else ''}"
            for a in demand.actual
        )
        needed = demand.needed.replace("<", "&lt;").replace(">", "&gt;")
        rows.append([demand.title, demand.scope, needed, actual, f"{SIGNS[demand.outcome]} {demand.outcome.name}"])
    return table(["metric", "over", "needed", "measured", "result"], rows, right_from=5)


def _judged(judgement: Judgement) -> str:
    source = judgement.evidence.provenance
    facts = [
        ("class", code(source.class_name)),
        ("owner", words(source.owner) or NOTHING),
        ("because", words(judgement.chosen_because) or NOTHING),
        ("data set", f"{words(source.dataset)}, {words(source.timeframe)}, {words(', '.join(source.pairs))}"),
        ("versions", words(", ".join(f"{name} {version}" for name, version in sorted(source.versions.items())))),
        ("isolation", words(source.isolation)),
        ("content", code(source.content_digest)),
        ("policy", code(source.policy_digest)),
        ("candles", code(source.dataset_digest)),
        ("evidence", code(str(evidence_document(judgement)["digest"]))),
    ]
    return table(["", ""], [[name, value] for name, value in facts], right_from=2)


def _foot(judgements: Sequence[Judgement], report_url: str | None) -> str:
    if report_url:
        return f"[Open the report](<{report_url.replace('<', '%3C').replace('>', '%3E')}>)\n"
    return "Charts of every pair and trade are in `report.html`.\n" if judgements else ""
