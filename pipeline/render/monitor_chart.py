"""Curves of money and of win rates as inline SVG, made of paths and text: colours are classes of the page's style sheet."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from pipeline.domain.monitor.curve import Gap
from pipeline.domain.monitor.story import Happened
from pipeline.render.plain import plain_text

WIDTH, HEIGHT = 460.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 8.0, 14.0, 20.0
"""Room for the labels around the plot, in units of the view box; a unit is about a pixel on a screen with three columns."""

SHORTEST_GAP = 1.5
"""Units: a gap that is shorter than that is drawn as long, so that it shows."""

Known = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of runs between which nothing is known; `kind` is its class, `stepped` whether values hold until the next."""

    kind: str
    runs: tuple[tuple[Known, ...], ...]
    stepped: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """What lies between two values, run by run: (time, lowest, highest)."""

    runs: tuple[tuple[tuple[datetime, float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture. `told` is said to whoever cannot see it; `ratio`: its values are 0 to 1, and it shows percent."""

    told: str
    since: datetime
    until: datetime
    lines: tuple[Line, ...]
    bands: tuple[Band, ...] = ()
    gaps: tuple[Gap, ...] = ()
    marks: tuple[Happened, ...] = ()
    ratio: bool = False


def svg(chart: Chart) -> Markup:
    """The picture; "" where no line has a value."""
    values = [value for line in chart.lines for run in line.runs for _, value in run]
    values += [value for band in chart.bands for run in band.runs for _, low, high in run for value in (low, high)]
    if not values:
        return Markup("")
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0] if chart.ratio else nice_ticks(min(values), max(values))
    plot = _Plot(chart.since, chart.until, min(ticks), max(ticks))
    parts = [
        *(_gap(gap, plot) for gap in chart.gaps),
        *(_tick(value, plot, ticks, ratio=chart.ratio) for value in ticks),
        *_times(plot),
        *(_band(run, plot) for band in chart.bands for run in band.runs),
        *(_path(line, run, plot) for line in chart.lines for run in line.runs),
        *(_mark(mark, plot) for mark in chart.marks),
    ]
    told = escape(plain_text(chart.told))
    head = f'<svg class="chart" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{told}">'
    return Markup(head + "".join(parts) + "</svg>")


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from one not above `low` to one not below `high`, at most that many."""
    if high - low <= abs(high) * 1e-9:
        room = abs(high) * 0.01 or 1.0
        low, high = low - room, high + room
    step = 10.0 ** math.floor(math.log10((high - low) / most))
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50):
        first, last = math.floor(low / (step * factor)), math.ceil(high / (step * factor))
        if last - first < most:
            return [number * step * factor for number in range(first, last + 1)]
    return [low, high]


@dataclass(frozen=True, slots=True)
class _Plot:
    """From times and values to units."""

    since: datetime
    until: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        share = (at - self.since) / (self.until - self.since)
        return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - min(max(share, 0.0), 1.0) * (HEIGHT - TOP - BOTTOM)


def _path(line: Line, run: Sequence[Known], plot: _Plot) -> str:
    """A single look is a dot: a line of no length would not show."""
    if len(run) == 1:
        ((at, value),) = run
        return f'<circle class="{line.kind} dot" cx="{plot.x(at):.1f}" cy="{plot.y(value):.1f}" r="2"/>'
    points = [(plot.x(at), plot.y(value)) for at, value in run]
    drawn = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for x, y in points[1:]:
        drawn.append(f"H{x:.1f}V{y:.1f}" if line.stepped else f"L{x:.1f} {y:.1f}")
    return f'<path class="{line.kind}" d="{"".join(drawn)}"/>'


def _band(run: Sequence[tuple[datetime, float, float]], plot: _Plot) -> str:
    if len(run) < 2:
        return ""
    upper = [f"{plot.x(at):.1f} {plot.y(high):.1f}" for at, _, high in run]
    lower = [f"{plot.x(at):.1f} {plot.y(low):.1f}" for at, low, _ in reversed(run)]
    return f'<path class="range" d="M{"L".join([*upper, *lower])}Z"/>'


def _gap(gap: Gap, plot: _Plot) -> str:
    left, right = plot.x(gap.since), plot.x(gap.until)
    wide = max(right - left, SHORTEST_GAP)
    told = f"{_when(gap.since)} to {_when(gap.until)} UTC: {plain_text(gap.reason, 300)}"
    rect = f'<rect class="gap" x="{left:.1f}" y="{TOP:g}" width="{wide:.1f}" height="{HEIGHT - TOP - BOTTOM:g}">'
    return f"{rect}<title>{escape(told)}</title></rect>"


def _mark(mark: Happened, plot: _Plot) -> str:
    x = plot.x(mark.at)
    told = escape(f"{_when(mark.at)} UTC: {plain_text(mark.sentence)}")
    line = f'<path d="M{x:.1f} {TOP:g}V{HEIGHT - BOTTOM:g}"/>'
    sign = f'<path class="sign" d="M{x - 4:.1f} {TOP - 8:g}h8l-4 8z"/>'
    return f'<g class="mark {_class(mark.kind)}"><title>{told}</title>{line}{sign}</g>'


def _tick(value: float, plot: _Plot, ticks: Sequence[float], *, ratio: bool) -> str:
    y = plot.y(value)
    text = f"{value * 100:.0f} %" if ratio else _money(value, ticks)
    line = f'<path class="grid" d="M{LEFT:g} {y:.1f}H{WIDTH - RIGHT:g}"/>'
    return f'{line}<text class="axis" x="{LEFT - 5:g}" y="{y + 3.5:.1f}" text-anchor="end">{text}</text>'


def _money(value: float, ticks: Sequence[float]) -> str:
    step = abs(ticks[1] - ticks[0])
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step else 0
    if digits and round(step * 10**digits, 6) % 1:
        digits += 1  # 2.5 of its place
    return f"{value:,.{digits}f}" if digits <= 8 else f"{value:.3g}"


def _times(plot: _Plot) -> Iterable[str]:
    length = plot.until - plot.since
    form = "%H:%M" if length <= timedelta(days=1) else "%d %b" if length <= timedelta(days=300) else "%b %Y"
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        at = plot.since + share * length
        yield f'<text class="axis" x="{plot.x(at):.1f}" y="{HEIGHT - 6:g}" text-anchor="{anchor}">{at.strftime(form)}</text>'


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _class(kind: str) -> str:
    return {"deployed": "good", "soaked": "good", "released": "good"}.get(kind, "bad")
