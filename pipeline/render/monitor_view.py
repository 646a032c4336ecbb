"""What the monitor's page says, ready to be read: the template only lays it out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain.monitor.curve import Span
from pipeline.domain.monitor.overview import BundleView, Condition, DeviceView, EnvironmentView, StrategyView
from pipeline.domain.monitor.story import Happened
from pipeline.domain.train.steps import short
from pipeline.render.monitor_card import Card, card, evidence_path
from pipeline.render.monitor_words import moment
from pipeline.render.outcomes import counted
from pipeline.render.plain import NAME_LIMIT, plain_text

SPANS = {Span.DAY: "24 hours", Span.WEEK: "7 days", Span.MONTH: "30 days", Span.YEAR: "a year", Span.ALL: "all"}

MODES = {"history": "judged on history", "dry_run": "simulated money", "live": "real money"}


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
        columns(device),
        tuple(_told(device)),
        tuple(map(plain_text, device.problems)),
    )


def columns(device: DeviceView) -> tuple[Column, ...]:
    """What there is to be read about each environment, in their order."""
    return tuple(_column(place, device) for place in device.environments)


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
    cards = tuple(card(one, place, device) for one in place.strategies)
    counts = [sum(one.condition is condition for one in place.strategies) for condition in Condition]
    told = [f"{number} {condition.value}" for condition, number in zip(Condition, counts, strict=True) if number]
    return Column(
        name,
        _mode(place),
        place.mode == "live" and not place.rehearsal,
        plain_text(place.watch.told) if place.watch else "",
        place.watch is None or place.watch.well,
        place.mode == "history",
        ", ".join(told) or ("nothing was cut yet" if place.mode == "history" else "nothing was deployed yet"),
        cards,
        tuple(map(_cut, place.cut)),
        tuple(map(plain_text, place.problems)),
    )


def _mode(place: EnvironmentView) -> str:
    told = MODES.get(place.mode, plain_text(place.mode, NAME_LIMIT) or "its file is not known here")
    return f"a rehearsal of {told}" if place.rehearsal and place.mode != "history" else told


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


def _told(device: DeviceView) -> Iterator[tuple[str, str, str]]:
    happened: list[tuple[Happened, str]] = [(one, place.name) for place in device.environments for one in place.told]
    for one, name in sorted(happened, key=lambda each: each[0].at, reverse=True)[:40]:
        yield moment(one.at), plain_text(name, NAME_LIMIT), plain_text(one.sentence)
