"""What is wrong with the observations of an environment, in sentences: what is not kept decides nothing, and nobody would miss it before that day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.domain.train.state import EnvironmentState

LONGEST = timedelta(minutes=3)
"""Looks are kept every minute; whoever missed three of them is not kept."""


@dataclass(frozen=True, slots=True)
class LastLook:
    """The last look at a bundle that was kept: when, what state its bot was in, and when it told numbers last (None: never)."""

    at: datetime
    state: str
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an environment.

    `looks` are those at the bundles that stand, by strategy; one that is missing was never kept. `set_aside` names damaged files that lie beside;
    `fault` says why what is kept cannot be read, "" where it can.
    """

    looks: Mapping[str, LastLook] = field(default_factory=dict)
    set_aside: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Unobserved:
    """One thing that is wrong with an environment's observations, in words."""

    environment: str
    told: str


def unobserved(state: EnvironmentState, kept: Kept, now: datetime, *, watched: bool) -> tuple[Unobserved, ...]:
    """All that is wrong.

    Args:
        watched: whether somebody looks at the bots; where nobody does, that is told instead of what is not kept.
    """
    told = [kept.fault] if kept.fault else list(_missing(state, kept, now)) if watched else []
    told += [
        f"a damaged file of observations was set aside as {name}: the equity of before is only there; "
        "move it elsewhere, or remove it, when nobody needs it"
        for name in kept.set_aside
    ]
    return tuple(Unobserved(state.environment, one) for one in told)


def _missing(state: EnvironmentState, kept: Kept, now: datetime) -> Iterator[str]:
    for strategy, known in sorted(state.strategies.items()):
        if known.standing is None or known.progress is not None or known.counts_since is None:
            continue
        since, last = known.counts_since, kept.looks.get(strategy)
        if last is None or max(last.at, since) <= now - LONGEST:
            when = "ever" if last is None else f"since {last.at:%Y-%m-%d %H:%M} UTC"
            if now - since >= LONGEST:
                told = f"nothing of {strategy} was kept {when}, though somebody watches"
                yield f"{told}; `freqtrain watch {state.environment} --once` says why"
        elif last.told_at is None or max(last.told_at, since) <= now - LONGEST:
            when = "yet" if last.told_at is None else f"since {last.told_at:%Y-%m-%d %H:%M} UTC"
            if now - since >= LONGEST:
                yield f"the bot of {strategy} has told no numbers {when}: it is {last.state}"
