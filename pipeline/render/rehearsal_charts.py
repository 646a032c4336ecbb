"""What the charts of a rehearsal draw, as data that JSON holds; how it looks is the page's business (templates/rehearsal.js.j2).

Times are seconds since the rehearsal began.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pipeline.domain.canonical import Plain
from pipeline.domain.rehearsal import Event, Rehearsal, Sample
from pipeline.domain.train.steps import short
from pipeline.render.plain import NAME_LIMIT, plain_text
from pipeline.render.rehearsal_bundles import Bundles, bundles

Lane = tuple[str, str]
"""An environment and a strategy in it."""

MARKED = ("approved", "promoted", "soaked", "undone", "braked", "blocked", "rolled_back", "doubted")
"""Kinds of events that the chart marks, in the order of its legend."""

LANE_LIMIT = 24
"""Characters of a name beside a lane: the chart needs its width for itself."""

ROWS = 3
"""Marks that are close to each other stand in as many rows above their lane."""

CLOSE_RATIO = 0.035
"""Of the whole time: how close marks may be before they need another row."""


def lanes(rehearsal: Rehearsal) -> list[Lane]:
    """Where something happened, environment by environment in the order in which the story came to them."""
    told = [(one.since_at, one.environment, one.strategy) for one in rehearsal.ran]
    told += [(one.at, one.environment, one.strategy) for one in rehearsal.events if one.strategy]
    first = dict.fromkeys(environment for _, environment, _ in sorted(told))
    return [
        (environment, strategy)
        for environment in first
        for strategy in dict.fromkeys(s for _, e, s in sorted(told) if e == environment)
    ]


def chart_data(rehearsal: Rehearsal) -> Plain:
    """Chapters, lanes with bars and marks, and the accounts' curves."""
    known, where = bundles(rehearsal), lanes(rehearsal)
    began, starts = rehearsal.began_at, [chapter.began_at for chapter in rehearsal.chapters]
    return {
        "seconds": round(rehearsal.seconds, 3),
        "chapters": [round((at - began).total_seconds(), 3) for at in starts],
        "lanes": [[plain_text(name, LANE_LIMIT) for name in lane] for lane in where],
        "bundles": [
            f"{plain_text(known.strategies[name], NAME_LIMIT)} {plain_text(short(name))}" for name in known.numbers
        ],
        "bars": [*_ran(rehearsal, known, where), *_tried(rehearsal, known, where)],
        "marks": list(_marks(rehearsal, known, where)),
        "kinds": list(MARKED),
        "accounts": [_account(name, own, began) for name, own in by_account(rehearsal).items()],
    }


def by_account(rehearsal: Rehearsal) -> dict[str, list[Sample]]:
    """Account -> its samples, the oldest first."""
    found: dict[str, list[Sample]] = {}
    for sample in sorted(rehearsal.samples, key=lambda one: one.at):
        found.setdefault(sample.account, []).append(sample)
    return found


def _ran(rehearsal: Rehearsal, known: Bundles, where: Sequence[Lane]) -> Iterator[Plain]:
    for one in rehearsal.ran:
        since = (one.since_at - rehearsal.began_at).total_seconds()
        until = (one.until_at - rehearsal.began_at).total_seconds() if one.until_at else rehearsal.seconds
        yield _bar(where.index((one.environment, one.strategy)), known.numbers[one.bundle], since, until)


def _tried(rehearsal: Rehearsal, known: Bundles, where: Sequence[Lane]) -> Iterator[Plain]:
    """Deployments that were taken back: from their beginning to their end."""
    begun: dict[Lane, Event] = {}
    for event in sorted(rehearsal.events, key=lambda one: one.at):
        lane = (event.environment, event.strategy)
        if event.kind == "deploying":
            begun[lane] = event
        elif event.kind == "undone" and lane in begun and event.bundles and begun[lane].bundles == event.bundles:
            since = (begun.pop(lane).at - rehearsal.began_at).total_seconds()
            until = (event.at - rehearsal.began_at).total_seconds()
            yield _bar(where.index(lane), known.numbers[event.bundles[0]], since, until, tried=True)


def _bar(lane: int, bundle: int, since: float, until: float, *, tried: bool = False) -> Plain:
    return {"lane": lane, "bundle": bundle, "from": round(since, 3), "to": round(until, 3), "tried": tried}


def _marks(rehearsal: Rehearsal, known: Bundles, where: Sequence[Lane]) -> Iterator[Plain]:
    last: dict[Lane, list[float]] = {}
    for event in sorted(rehearsal.events, key=lambda one: one.at):
        for lane in _lanes_of(event, known, where) if event.kind in MARKED else ():
            at = (event.at - rehearsal.began_at).total_seconds()
            ends = last.setdefault(lane, [float("-inf")] * ROWS)
            free = [row for row, end in enumerate(ends) if at - end > CLOSE_RATIO * rehearsal.seconds]
            row = free[0] if free else ends.index(min(ends))
            ends[row] = at
            said = plain_text(event.sentence)
            yield {"kind": event.kind, "lane": where.index(lane), "at": round(at, 3), "row": row, "said": said}


def _lanes_of(event: Event, known: Bundles, where: Sequence[Lane]) -> list[Lane]:
    """Whose event it is; an approval is that of every bundle it names."""
    names = [event.strategy] if event.strategy else [known.strategies.get(bundle, "") for bundle in event.bundles]
    return [lane for lane in where if lane[0] == event.environment and lane[1] in names]


def _account(name: str, samples: Sequence[Sample], began: datetime) -> Plain:
    """The change since its first sample, and the worth as it is told, in the stake currency."""
    first = samples[0].worth
    return {
        "name": plain_text(name, NAME_LIMIT),
        "t": [round((one.at - began).total_seconds(), 3) for one in samples],
        "change": [float(round(one.worth - first, 4)) for one in samples],
        "worth": [f"{one.worth:,.2f}" for one in samples],
    }
