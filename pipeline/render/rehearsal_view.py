"""What the page of a rehearsal says, ready to be read: the template only lays it out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.rehearsal import Chapter, Rehearsal, Sample
from pipeline.domain.train.steps import short
from pipeline.domain.verdict import Outcome
from pipeline.errors import ExitCode
from pipeline.render.figures import NOTHING
from pipeline.render.outcomes import counted
from pipeline.render.plain import NAME_LIMIT, plain_text
from pipeline.render.rehearsal_bundles import Naming, Parts, bundles
from pipeline.render.rehearsal_charts import MARKED, by_account, lanes
from pipeline.render.rehearsal_outcome import Shortfall, chapter_outcome, claimed, missing, sentence, shortfalls, took

COMMAND_LIMIT = 2_000
"""Characters of a command line."""


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim."""

    outcome: Outcome
    sentence: Parts
    shown_by: str


@dataclass(frozen=True, slots=True)
class CommandView:
    """One command: `well` is whether it ended with 0."""

    line: Parts
    ended: str
    well: bool
    took: str


@dataclass(frozen=True, slots=True)
class ChapterView:
    """One chapter; `about` and `stopped` are "" where there is nothing to say."""

    number: int
    title: str
    outcome: Outcome
    about: str
    claimed: str
    kept: int
    at: str
    took: str
    stopped: str
    claims: tuple[ClaimView, ...]
    commands: tuple[CommandView, ...]


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account: `change` is signed, `sign` its direction, -1 to 1; `facts` are the smaller numbers below."""

    name: str
    worth: str
    change: str
    sign: int
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RanView:
    """A bundle's time in an environment."""

    environment: str
    strategy: str
    bundle: Parts
    since: str
    until: str
    took: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """What the numbers decided about one bundle; `power` and `told` are empty where there is nothing to say."""

    at: str
    environment: str
    strategy: str
    bundle: Parts
    decision: str
    reasons: tuple[Parts, ...]
    power: str
    told: Parts


@dataclass(frozen=True, slots=True)
class EventView:
    """One entry of a ledger; `kind` in words, `marked` where the chart shows it."""

    at: str
    offset: str
    environment: str
    kind: str
    marked: bool
    sentence: Parts


@dataclass(frozen=True, slots=True)
class View:
    """The whole page."""

    sentence: str
    began: str
    commands: str
    shortfalls: tuple[Shortfall, ...]
    missing: str
    chapters: tuple[ChapterView, ...]
    lanes: int
    bundles: tuple[tuple[str, Parts], ...]
    ran: tuple[RanView, ...]
    decisions: tuple[DecisionView, ...]
    charted: bool
    told: str
    accounts: tuple[AccountView, ...]
    environments: tuple[str, ...]
    events: tuple[EventView, ...]


def view(rehearsal: Rehearsal) -> View:
    """What there is to be read about a rehearsal."""
    known = bundles(rehearsal)
    named = Naming(known)
    commands = sum(len(chapter.commands) for chapter in rehearsal.chapters)
    accounts, events = tuple(_accounts(rehearsal)), tuple(_events(rehearsal, named))
    return View(
        sentence=sentence(rehearsal),
        began=f"{rehearsal.began_at:%Y-%m-%d %H:%M:%S} UTC",
        commands=counted(commands, "command"),
        shortfalls=tuple(shortfalls(rehearsal)),
        missing=missing(rehearsal),
        chapters=tuple(
            _chapter(number, chapter, rehearsal.began_at, named) for number, chapter in enumerate(rehearsal.chapters, 1)
        ),
        lanes=len(lanes(rehearsal)),
        bundles=tuple(
            (plain_text(known.strategies[name], NAME_LIMIT), named.parts(plain_text(short(name))))
            for name in known.numbers
        ),
        ran=tuple(_ran(rehearsal, named)),
        decisions=tuple(_decisions(rehearsal, named)),
        charted=bool(rehearsal.samples),
        told="; ".join(f"{one.name}: {one.worth}, change since the start: {one.change}" for one in accounts),
        accounts=accounts,
        environments=tuple(dict.fromkeys(event.environment for event in events)),
        events=events,
    )


def _chapter(number: int, chapter: Chapter, began: datetime, named: Naming) -> ChapterView:
    failed = any(not claim.held for claim in chapter.claims)
    return ChapterView(
        number=number,
        title=plain_text(chapter.title, NAME_LIMIT),
        outcome=chapter_outcome(chapter),
        about=plain_text(chapter.about, 2_000),
        claimed=claimed(chapter),
        kept=sum(claim.held for claim in chapter.claims),
        at=_offset(chapter.began_at, began),
        took=took(chapter.seconds),
        stopped="" if failed else plain_text(chapter.stopped, 2_000),
        claims=tuple(
            ClaimView(
                Outcome.PASS if claim.held else Outcome.FAIL,
                named.parts(plain_text(claim.sentence)),
                plain_text(claim.shown_by),
            )
            for claim in chapter.claims
        ),
        commands=tuple(
            CommandView(
                named.parts(plain_text(command.line, COMMAND_LIMIT)),
                _ended(command.exit_code),
                command.exit_code == 0,
                took(command.seconds),
            )
            for command in chapter.commands
        ),
    )


def _ended(code: int) -> str:
    """An exit code with what it means; other programs' codes stand alone."""
    known = {one.value: one.name.lower() for one in ExitCode}
    return f"{code} {known[code]}" if code in known else str(code)


def _accounts(rehearsal: Rehearsal) -> Iterator[AccountView]:
    sampled = by_account(rehearsal)
    for name in dict.fromkeys((*sampled, *rehearsal.orders)):
        orders = rehearsal.orders.get(name)
        counts = () if orders is None else (("orders accepted", str(orders)),)
        yield _account(plain_text(name, NAME_LIMIT), sampled.get(name, ()), counts)


def _account(name: str, samples: Sequence[Sample], counts: tuple[tuple[str, str], ...]) -> AccountView:
    if not samples:
        return AccountView(name, NOTHING, NOTHING, 0, counts)
    worths = [sample.worth for sample in samples]
    first, change = worths[0], worths[-1] - worths[0]
    told = f"{change:+,.2f}" + (f" ({change / first * 100:+.2f} %)" if first else "") if change else "none"
    facts = (("start", f"{first:,.2f}"), ("highest", f"{max(worths):,.2f}"), ("lowest", f"{min(worths):,.2f}"))
    return AccountView(name, f"{worths[-1]:,.2f}", told, (change > 0) - (change < 0), (*facts, *counts))


def _ran(rehearsal: Rehearsal, named: Naming) -> Iterator[RanView]:
    began = rehearsal.began_at
    for one in sorted(rehearsal.ran, key=lambda ran: ran.since_at):
        since = (one.since_at - began).total_seconds()
        until = (one.until_at - began).total_seconds() if one.until_at else rehearsal.seconds
        yield RanView(
            plain_text(one.environment, NAME_LIMIT),
            plain_text(one.strategy, NAME_LIMIT),
            named.parts(plain_text(short(one.bundle))),
            _offset(one.since_at, began),
            _offset(one.until_at, began) if one.until_at else "the end",
            took(until - since),
        )


def _decisions(rehearsal: Rehearsal, named: Naming) -> Iterator[DecisionView]:
    for one in rehearsal.decisions:
        yield DecisionView(
            _offset(one.at, rehearsal.began_at),
            plain_text(one.environment, NAME_LIMIT),
            plain_text(one.strategy, NAME_LIMIT),
            named.parts(plain_text(short(one.bundle))),
            plain_text(one.decision.replace("_", " "), NAME_LIMIT),
            tuple(named.parts(plain_text(reason)) for reason in one.reasons),
            plain_text(one.power),
            named.parts(plain_text(one.told)),
        )


def _events(rehearsal: Rehearsal, named: Naming) -> Iterator[EventView]:
    for event in sorted(rehearsal.events, key=lambda one: one.at):
        yield EventView(
            f"{event.at:%H:%M:%S}",
            _offset(event.at, rehearsal.began_at),
            plain_text(event.environment, NAME_LIMIT),
            plain_text(event.kind.replace("_", " "), NAME_LIMIT),
            event.kind in MARKED,
            named.parts(plain_text(event.sentence)),
        )


def _offset(at: datetime, began: datetime) -> str:
    """Seconds since the rehearsal began."""
    return f"{(at - began).total_seconds():.1f} s"
