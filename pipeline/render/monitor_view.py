"""What the monitor's page says, ready to be read: the template only lays it out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from pipeline.domain.monitor.curve import Gap, Span
from pipeline.domain.monitor.overview import (
    BundleView,
    Condition,
    DeviceView,
    EnvironmentView,
    Position,
    Ran,
    StrategyView,
)
from pipeline.domain.monitor.standing import FRESH
from pipeline.domain.monitor.story import Happened
from pipeline.domain.train.steps import short
from pipeline.render.monitor_chart import Band, Chart, Line, svg
from pipeline.render.monitor_words import NOTHING, lasted, moment, money, percent, signed, small_percent
from pipeline.render.outcomes import counted
from pipeline.render.plain import NAME_LIMIT, plain_text

SPANS = {Span.DAY: "24 hours", Span.WEEK: "7 days", Span.MONTH: "30 days", Span.YEAR: "a year", Span.ALL: "all"}
MODES = {"history": "judged on history", "dry_run": "simulated money", "live": "real money"}
LOOKS = {
    Condition.TRADING: ("pass", "✓"),
    Condition.HELD: ("inconclusive", "‖"),
    Condition.PAUSED: ("inconclusive", "‖"),
    Condition.DEPLOYING: ("moving", "→"),
    Condition.UNSEEN: ("error", "?"),
    Condition.DOWN: ("fail", "✗"),
    Condition.NOTHING: ("", "·"),
}
"""Class and sign of a condition, so that colour is never the only one."""

DECISIONS = {"promote": ("pass", "✓"), "hold": ("", "·"), "roll_back": ("fail", "✗")}


@dataclass(frozen=True, slots=True)
class Badge:
    """A word in a coloured box with a sign."""

    text: str
    look: str
    sign: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name; `id` tells it from all others of the page, `note` stands below."""

    id: str
    name: str
    value: str
    note: str = ""
    sign: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """The latest decision."""

    badge: Badge
    at: str
    reasons: tuple[str, ...]
    power: str
    other: str
    """The bundle that it was about, where that is another one than the standing."""


@dataclass(frozen=True, slots=True)
class Card:
    """One strategy in one environment."""

    id: str
    strategy: str
    badge: Badge
    told: str
    bundle: str
    digest: str
    since: str
    reason: str
    evidence: str
    """Where its evidence is, "" where there is none."""
    good: str
    holds: tuple[str, ...]
    facts: tuple[Fact, ...]
    money: Markup
    wins: Markup
    legend: tuple[tuple[str, str], ...]
    gaps: str
    positions: tuple[tuple[str, ...], ...]
    positions_told: str
    decided: Decided | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A bundle of the store."""

    strategy: str
    title: str
    bundle: str
    digest: str
    at: str
    note: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Column:
    """One environment."""

    name: str
    mode: str
    money: bool
    """Whether it is real."""
    watch: str
    watched: bool
    history: bool
    summary: str
    cards: tuple[Card, ...]
    cut: tuple[Cut, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    at: str
    sentence: str
    well: bool
    spans: tuple[tuple[str, str, bool], ...]
    columns: tuple[Column, ...]
    told: tuple[tuple[str, str, str], ...]
    problems: tuple[str, ...]


def view(device: DeviceView) -> View:
    """What there is to be read about a device."""
    wanting = [one for place in device.environments for one in place.strategies if one.wants_a_look]
    running = [one for place in device.environments for one in place.strategies if one.bundle]
    unwatched = [place for place in device.environments if place.watch and not place.watch.well]
    problems = [*device.problems, *(problem for place in device.environments for problem in place.problems)]
    return View(
        moment(device.at),
        _sentence(running, len(wanting), len(unwatched), len(problems)),
        device.well,
        tuple((span.value, words, span is device.span) for span, words in SPANS.items()),
        tuple(_column(place, device) for place in device.environments),
        tuple(_told(device)),
        tuple(map(plain_text, device.problems)),
    )


def _sentence(running: Sequence[StrategyView], wanting: int, unwatched: int, problems: int) -> str:
    if not (running or wanting or problems):
        return "Nothing runs on this device."
    bundles, held = counted(len(running), "bundle"), sum(one.condition is Condition.HELD for one in running)
    parts = [f"{bundles} {'runs' if len(running) == 1 else 'run'}"]
    parts += [f"{held} held"] if held else []
    parts += [f"{wanting} {'wants' if wanting == 1 else 'want'} a look"] if wanting else []
    parts += [f"{counted(unwatched, 'environment')} not watched"] if unwatched else []
    parts += [counted(problems, "problem")] if problems else []
    return "; ".join(parts) + (
        "." if len(parts) > 1 else ", as it should." if len(running) == 1 else ", as they should."
    )


def _column(place: EnvironmentView, device: DeviceView) -> Column:
    name = plain_text(place.name, NAME_LIMIT)
    cards = tuple(_card(one, place, device) for one in place.strategies)
    counts = [sum(one.condition is condition for one in place.strategies) for condition in Condition]
    told = [f"{number} {condition.value}" for condition, number in zip(Condition, counts, strict=True) if number]
    return Column(
        name,
        MODES.get(place.mode, plain_text(place.mode, NAME_LIMIT) or "its file is not known here"),
        place.mode == "live",
        plain_text(place.watch.told) if place.watch else "",
        place.watch is None or place.watch.well,
        place.mode == "history",
        ", ".join(told) or ("nothing was cut yet" if place.mode == "history" else "nothing was deployed yet"),
        cards,
        tuple(map(_cut, place.cut)),
        tuple(map(plain_text, place.problems)),
    )


def _cut(one: BundleView) -> Cut:
    commit = f"commit {plain_text(one.commit, 12)}" if one.commit else "in no commit"
    note = (
        f"{commit}{', simulated data' if one.simulated else ''}{f', {plain_text(one.owner, 40)}' if one.owner else ''}"
    )
    return Cut(
        plain_text(one.strategy, NAME_LIMIT),
        plain_text(one.title, NAME_LIMIT),
        short(one.bundle),
        one.bundle,
        moment(one.cut_at),
        note,
        evidence_path(one.bundle, one.evidence),
    )


def evidence_path(bundle: str, evidence: str) -> str:
    """Where a page finds the evidence; "" where it is not named."""
    return f"/evidence/{bundle.removeprefix('sha256:')}/{evidence.removeprefix('sha256:')}.json" if evidence else ""


def _card(one: StrategyView, place: EnvironmentView, device: DeviceView) -> Card:
    strategy, look = plain_text(one.strategy, NAME_LIMIT), LOOKS[one.condition]
    by = f" by {plain_text(one.by, NAME_LIMIT)}" if one.by else ""
    since = f"{moment(one.since_at)} ({lasted(one.since_at, device.at)}){by}" if one.since_at else NOTHING
    healthy = f"{one.observed.healthy_hours:g} healthy hours" if one.observed else ""
    good = f"known to be good since {moment(one.soaked_at)}" if one.soaked_at else healthy
    wheres = f"{plain_text(place.name, NAME_LIMIT)}-{strategy}"
    gaps = sum(len(ran.curve.gaps) for ran in one.ran)
    return Card(
        wheres,
        strategy,
        Badge(one.condition.value, *look),
        plain_text(one.told),
        short(one.bundle),
        one.bundle,
        since,
        plain_text(one.reason),
        evidence_path(one.bundle, one.evidence) if one.bundle else "",
        good,
        tuple(plain_text(str(hold)) for hold in one.holds),
        tuple(_facts(one, wheres, device.at)) if one.latest else (),
        svg(_money_chart(one, device)),
        svg(_win_chart(one, device)),
        _legend(one),
        f"{counted(gaps, 'gap')} in what was observed" if gaps else "",
        tuple(map(_position, one.positions or ())),
        _positions_told(one),
        _decided(one),
        tuple(map(plain_text, one.problems)),
    )


def _facts(one: StrategyView, wheres: str, now: datetime) -> Iterator[Fact]:
    latest, expected = one.latest, one.expectation
    assert latest is not None
    coin = plain_text(one.currency, 12)
    yield Fact(f"{wheres}-balance", "balance", money(latest.balance), f"{coin}, closed trades only")
    floating = latest.equity - latest.balance if latest.equity is not None and latest.balance is not None else None
    yield Fact(
        f"{wheres}-equity", "equity", money(latest.equity), f"open positions {signed(floating)}", _sign(floating)
    )
    yield Fact(
        f"{wheres}-earned",
        "closed profit",
        signed(latest.earned),
        counted(latest.trades, "trade"),
        _sign(latest.earned),
    )
    rate = expected.win_rate_ratio if expected else None
    of = f"{latest.wins} of {latest.closed_trades}" if latest.closed_trades else "no trade was closed"
    yield Fact(f"{wheres}-wins", "win rate", percent(latest.win_rate_ratio), f"{of}; backtest {percent(rate)}")
    stale = f"seen {lasted(latest.at, now)} ago" if now - latest.at > FRESH else f"seen at {latest.at:%H:%M} UTC"
    trades = NOTHING if latest.open_trades is None else str(latest.open_trades)
    failed = f", {counted(latest.errors, 'failed look')}" if latest.errors else ""
    yield Fact(f"{wheres}-open", "open trades", trades, stale + failed)


def _sign(value: float | None) -> int:
    return 0 if value is None else (value > 0) - (value < 0)


def _legend(one: StrategyView) -> tuple[tuple[str, str], ...]:
    expected = one.expectation
    lines = [("equity", "equity"), ("balance", "balance")]
    if expected and expected.profit_mean_ratio is not None:
        note = ", simulated data" if expected.simulated else ""
        behind = f", {expected.trades} trades" if expected.trades else ""
        told = f"at the backtest's {small_percent(expected.profit_mean_ratio)} a trade ({percent(expected.win_rate_ratio)} won{behind}{note})"
        lines.append(("expected", told))
    return tuple(lines)


def _money_chart(one: StrategyView, device: DeviceView) -> Chart:
    lines: list[Line] = []
    bands: list[Band] = []
    for ran in one.ran:
        runs = ran.curve.stretches()
        mean = ran.expectation.profit_mean_ratio if ran.expectation else None
        if mean is not None:
            hoped = [
                [(point.at, value) for point in run if (value := point.expected(mean)) is not None] for run in runs
            ]
            lines.append(Line("expected", tuple(tuple(run) for run in hoped if run), stepped=True))
        held = [[(point.at, point.balance) for point in run if point.balance is not None] for run in runs]
        lines.append(Line("balance", tuple(tuple(run) for run in held if run), stepped=True))
        worth = [[(point.at, point.equity) for point in run if point.equity is not None] for run in runs]
        lines.append(Line("equity", tuple(tuple(run) for run in worth if run)))
        between = [
            [(p.at, p.lowest, p.highest) for p in run if p.lowest is not None and p.highest is not None] for run in runs
        ]
        bands.append(Band(tuple(tuple(run) for run in between if run)))
    latest = f": {money(one.latest.equity)} {plain_text(one.currency, 12)}" if one.latest else ""
    told = f"Equity and balance of {one.strategy} over time{latest}"
    return Chart(
        told, device.since, device.at, tuple(lines), tuple(bands), _gaps(one.ran, device), one.marks, device.span
    )


def _win_chart(one: StrategyView, device: DeviceView) -> Chart:
    lines: list[Line] = []
    for ran in one.ran:
        runs = ran.curve.stretches()
        rates = [[(p.at, p.win_rate_ratio) for p in run if p.win_rate_ratio is not None] for run in runs]
        known = [run for run in rates if run]
        rate = ran.expectation.win_rate_ratio if ran.expectation else None
        if known and rate is not None:
            lines.append(Line("expected", (((known[0][0][0], rate), (known[-1][-1][0], rate)),)))
        lines.append(Line("equity", tuple(tuple(run) for run in known)))
    if not any(line.runs for line in lines):
        return Chart("", device.since, device.at, ())
    told = f"Win rate of {one.strategy} over time"
    if one.latest:
        told += f": {percent(one.latest.win_rate_ratio)}"
    gaps = _gaps(one.ran, device)
    return Chart(told, device.since, device.at, tuple(lines), (), gaps, one.marks, device.span, ratio=True)


def _gaps(ran: Sequence[Ran], device: DeviceView) -> tuple[Gap, ...]:
    """The gaps that were kept, and the one that still lasts: it is kept when somebody looks again."""
    found = [gap for one in ran for gap in one.curve.gaps]
    last = max((one.curve.latest.at for one in ran if one.curve.latest), default=None)
    if last is not None and device.at - last > FRESH:
        found.append(Gap(max(last, device.since), device.at, "nobody looked, up to now"))
    return tuple(found)


def _position(one: Position) -> tuple[str, ...]:
    pair = plain_text(one.pair, 40) + (" (short)" if one.short else "")
    rate = NOTHING if one.open_rate is None else f"{one.open_rate:.8g}"
    return (pair, f"{one.opened_at:%Y-%m-%d %H:%M}", rate, money(one.stake), plain_text(one.tag, 40) or NOTHING)


def _positions_told(one: StrategyView) -> str:
    if one.positions is None:
        return ""
    return f"{counted(len(one.positions), 'open trade')} in its database" if one.positions else "no open trade"


def _decided(one: StrategyView) -> Decided | None:
    made = one.decided
    if made is None:
        return None
    look = DECISIONS.get(made.decision, ("error", "?"))
    words = plain_text(made.decision, 20).replace("_", " ")
    other = f"about {short(made.bundle)}" if made.bundle != one.bundle else ""
    return Decided(
        Badge(words, *look), moment(one.decided_at), tuple(map(plain_text, made.reasons)), plain_text(made.power), other
    )


def _told(device: DeviceView) -> Iterator[tuple[str, str, str]]:
    happened: list[tuple[Happened, str]] = [(one, place.name) for place in device.environments for one in place.told]
    for one, name in sorted(happened, key=lambda each: each[0].at, reverse=True)[:40]:
        yield moment(one.at), plain_text(name, NAME_LIMIT), plain_text(one.sentence)
