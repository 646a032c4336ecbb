"""A week as a picture of lines and words, laid out: what is drawn where, in pixels, and in which colour. Who draws it decides nothing."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.domain.week_picture import WeekLine, WeekMark, WeekPicture
from pipeline.render.drawing import Area, Dot, Shape, Spot, Stroke, Words
from pipeline.render.monitor_chart import nice_ticks
from pipeline.render.plain import plain_text

WIDTH, HEIGHT = 1000, 540
EDGE, TOP, BOTTOM = 32.0, 104.0, 88.0
"""Room around the plot, in pixels; to the left and right it is as wide as what is written there."""

PAPER, INK, QUIET = "#ffffff", "#17202b", "#586474"
GRID, ZERO, OTHERS = "#e6e9ee", "#aab3be", "#c3cad3"
COLOURS = ("#1d4ed8", "#b45309", "#0f766e", "#7a2fb5", "#be185d", "#4d7c0f", "#0e7490", "#57534e")
"""Of the lines with a name; more than that nobody tells apart, and the others are grey."""

TITLE, LABEL, SMALL = 36, 24, 22
"""Heights of letters; a phone shows them at two fifths."""

LETTER = 0.56
"""How wide a letter is on the average, as a share of its height, a little too wide."""

MOST_LETTERS = 18
"""Of a strategy's name."""

SPACING = 29.0
NOTHING = "0 %"
MOST_TICKS = 7
SMALLEST_SPAN = 0.002
"""A week in which nothing happened is no mountain range."""

SIGN = 13.0
SIGNS = {"deployed": "deployed", "braked": "braked", "rolled_back": "rolled back"}
"""Kind of a mark -> what the legend says. A mark's shape says what happened, and its colour to whom."""


def week_chart(picture: WeekPicture) -> tuple[Shape, ...]:
    """All of it, in the order in which it is drawn, on paper of that width and height."""
    named = _named(picture.lines)
    plot = _plot(picture, named)
    return (
        *_head(picture),
        *_grid(plot),
        *(shape for line in picture.lines if line not in named for shape in _line(line, OTHERS, 3.0, plot)),
        *(shape for line, colour in zip(named, COLOURS, strict=False) for shape in _line(line, colour, 4.0, plot)),
        *_labels(named, plot),
        *_marks(picture, dict(zip((line.strategy for line in named), COLOURS, strict=False)), plot),
        *_legend(picture, len(named)),
    )


@dataclass(frozen=True, slots=True)
class Plot:
    """From times and returns to pixels."""

    since: datetime
    until: datetime
    ticks: tuple[float, ...]
    left: float
    right: float

    def x(self, at: datetime) -> float:
        share = (at - self.since) / (self.until - self.since)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP)

    def spot(self, line: WeekLine, place: int) -> Spot:
        """Where the end of a line's stretch lies, whose value is known."""
        share = (place + 1) / len(line.returns)
        return self.x(self.since + share * (self.until - self.since)), self.y(line.returns[place] or 0.0)


def percent(value: float) -> str:
    """A return in words."""
    return f"{round(100 * value, 2) + 0.0:+.2f} %" if abs(value) < 1 else f"{100 * value:+,.0f} %"


def _named(lines: Sequence[WeekLine]) -> tuple[WeekLine, ...]:
    """Those that went farthest, in the order of their names."""
    farthest = sorted(lines, key=lambda line: (-abs(line.last), line.strategy))[: len(COLOURS)]
    return tuple(sorted(farthest, key=lambda line: line.strategy))


def _plot(picture: WeekPicture, named: Sequence[WeekLine]) -> Plot:
    values = [value for line in picture.lines for value in line.returns if value is not None]
    low, high = min([0.0, *values]), max([0.0, *values])
    room = max(0.0, SMALLEST_SPAN - (high - low)) / 2
    ticks = tuple(nice_ticks(low - room, high + room, MOST_TICKS))
    left = EDGE + 12 + LETTER * SMALL * max(len(words) for words in _scale(ticks))
    right = WIDTH - EDGE - 14 - LETTER * LABEL * max(len(_label(line)) for line in named)
    return Plot(picture.since, picture.until, ticks, left, right)


def _head(picture: WeekPicture) -> Iterator[Shape]:
    yield Words(EDGE, 36, plain_text(f"{picture.environment} · week {picture.since:%V of %G}", 40), TITLE, INK)
    days = f"{picture.since:%d %b} to {picture.until:%d %b %Y}, UTC: return of each strategy"
    yield Words(EDGE, 74, days, SMALL, QUIET)


def _grid(plot: Plot) -> Iterator[Shape]:
    for value, words in zip(plot.ticks, _scale(plot.ticks), strict=True):
        y = plot.y(value)
        yield Stroke(((plot.left, y), (plot.right, y)), ZERO if words == NOTHING else GRID, 2.0)
        yield Words(plot.left - 12, y, words, SMALL, QUIET, "r")
    floor, day = HEIGHT - BOTTOM, plot.since.replace(hour=0, minute=0, second=0, microsecond=0)
    while (day := day + timedelta(days=1)) < plot.until:
        yield Stroke(((plot.x(day), TOP), (plot.x(day), floor)), GRID, 2.0)
    room = (plot.right - plot.left) / max((plot.until - plot.since) / timedelta(days=1), 1.0)
    form = "%a %d" if room > 6.5 * LETTER * SMALL else "%a"
    noon = plot.since.replace(hour=12, minute=0, second=0, microsecond=0)
    while noon < plot.until:
        if room / 5 <= plot.x(noon) - plot.left and plot.x(noon) + room / 5 <= plot.right:
            yield Words(plot.x(noon), floor + 23, noon.strftime(form), SMALL, QUIET, "m")
        noon += timedelta(days=1)


def _scale(ticks: Sequence[float]) -> tuple[str, ...]:
    digits = _digits(ticks)
    return tuple(NOTHING if abs(value) < 1e-12 else f"{100 * value:+.{digits}f} %" for value in ticks)


def _digits(ticks: Sequence[float]) -> int:
    """Decimals of percent that tell one tick from the next."""
    step = 100 * abs(ticks[1] - ticks[0]) if len(ticks) > 1 else 1.0
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if round(step * float(10**digits), 6) % 1:
        digits += 1  # 2.5 of its place
    return min(digits, 6)


def _line(line: WeekLine, colour: str, width: float, plot: Plot) -> Iterator[Shape]:
    """In runs between which nobody looked; a single look is a dot."""
    run: list[Spot] = []
    for place in range(len(line.returns) + 1):
        if place < len(line.returns) and line.returns[place] is not None:
            run.append(plot.spot(line, place))
            continue
        if len(run) == 1:
            yield Dot(*run[0], width, colour)
        elif run:
            yield Stroke(tuple(run), colour, width)
        run = []


def _label(line: WeekLine) -> str:
    name = plain_text(line.strategy, 60)
    short = name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"
    return f"{percent(line.last)} {short}"


def _labels(named: Sequence[WeekLine], plot: Plot) -> Iterator[Shape]:
    """Each beside the end of its line, or as near to it as there is room, and then joined to it."""
    ends = []
    for line, colour in zip(named, COLOURS, strict=False):
        known = [place for place, value in enumerate(line.returns) if value is not None]
        ends.append((plot.spot(line, known[-1]), line, colour))
    ends.sort(key=lambda one: (one[0][1], one[1].strategy))
    for ((x, y), line, colour), at in zip(ends, _apart([spot[1] for spot, _, _ in ends]), strict=True):
        if abs(at - y) > 2 or x < plot.right - 4:
            yield Stroke(((x, y), (plot.right + 10, at)), colour, 1.0)
        yield Words(plot.right + 14, at, _label(line), LABEL, colour)


def _apart(wanted: Sequence[float]) -> list[float]:
    """The heights, in their order, moved as far as they must be so that no two labels touch."""
    found: list[float] = []
    for y in wanted:
        found.append(max(y, found[-1] + SPACING) if found else max(y, TOP))
    floor = HEIGHT - BOTTOM
    for place in reversed(range(len(found))):
        found[place] = min(found[place], floor)
        floor = found[place] - SPACING
    return found


def _marks(picture: WeekPicture, colours: Mapping[str, str], plot: Plot) -> Iterator[Shape]:
    """On their lines; where one would lie on another it stands above it."""
    lines = {line.strategy: line for line in picture.lines}
    taken: list[Spot] = []
    for mark in picture.marks:
        if mark.kind in SIGNS and (line := lines.get(mark.strategy)) is not None:
            x, y = plot.x(mark.at), plot.y(_value_at(line, mark, picture))
            while any(abs(x - other) < 2 * SIGN and abs(y - above) < 2 * SIGN for other, above in taken) and y > TOP:
                y -= 2 * SIGN
            taken.append((x, y))
            yield _sign(mark.kind, x, y, colours.get(mark.strategy, QUIET))


def _value_at(line: WeekLine, mark: WeekMark, picture: WeekPicture) -> float:
    """What is known at that time or was last before it; else what was known first."""
    share = (mark.at - picture.since) / (picture.until - picture.since)
    place = min(max(int(share * len(line.returns)), 0), len(line.returns) - 1)
    before = [value for value in line.returns[: place + 1] if value is not None]
    return before[-1] if before else next((value for value in line.returns if value is not None), 0.0)


def _sign(kind: str, x: float, y: float, colour: str) -> Area:
    """Each kind has a shape of its own: a triangle that points upwards or back, and a square."""
    points = {
        "deployed": ((x, y - SIGN), (x + SIGN, y + SIGN), (x - SIGN, y + SIGN)),
        "rolled_back": ((x - SIGN, y), (x + SIGN, y - SIGN), (x + SIGN, y + SIGN)),
        "braked": (
            (x - SIGN + 2, y - SIGN + 2),
            (x + SIGN - 2, y - SIGN + 2),
            (x + SIGN - 2, y + SIGN - 2),
            (x - SIGN + 2, y + SIGN - 2),
        ),
    }
    return Area(points[kind], colour)


def _legend(picture: WeekPicture, named: int) -> Iterator[Shape]:
    """What the marks that are there mean, and how many strategies have no name or no line."""
    x, y = EDGE + SIGN, HEIGHT - 26.0
    for kind, words in SIGNS.items():
        if any(mark.kind == kind for mark in picture.marks):
            yield _sign(kind, x, y, QUIET)
            yield Words(x + 20, y, words, SMALL, QUIET)
            x += 60 + len(words) * LETTER * SMALL
    grey = len(picture.lines) - named
    told = [f"{grey} more in grey"] if grey else []
    told += [f"{picture.more} not drawn"] if picture.more else []
    if told:
        yield Words(WIDTH - 22, y, ", ".join(told), SMALL, QUIET, "r")
