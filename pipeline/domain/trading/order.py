"""All environments together: their order by `after`, and money that only grows along it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipeline.domain.environment import Environment, Mode
from pipeline.domain.trading.environment import TradingEnvironment

AnyEnvironment = Environment | TradingEnvironment


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What is wrong with the environment of that name beside the others: the way to the key in its file, and a sentence."""

    name: str
    route: tuple[str, ...]
    reason: str


def in_order(environments: Mapping[str, AnyEnvironment]) -> tuple[str, ...]:
    """The names, each behind the environment that it comes after; otherwise by name.

    Raises:
        ValueError: they have no order: see `disagreements`.
    """
    placed: list[str] = []
    waiting = sorted(environments)
    while waiting:
        ready = next((name for name in waiting if _after(environments[name]) in (None, *placed)), None)
        if ready is None:
            raise ValueError(f"{', '.join(waiting)} have no order by after")
        waiting.remove(ready)
        placed.append(ready)
    return tuple(placed)


def disagreements(environments: Mapping[str, AnyEnvironment | None]) -> tuple[Disagreement, ...]:
    """Everything that only shows when all environments lie side by side; None stands for one whose file has problems of its own."""
    return tuple(_disagreements(environments))


def before(environments: Mapping[str, AnyEnvironment | None], name: str) -> tuple[str, ...]:
    """The environments before one, the nearest first, as far as they are known; it ends where the way comes round to where it was."""
    found: list[str] = []
    step = _after(environments.get(name))
    while step is not None and step in environments and step not in found:
        found.append(step)
        step = _after(environments[step])
    return tuple(found)


def _disagreements(environments: Mapping[str, AnyEnvironment | None]) -> Iterator[Disagreement]:
    for name, environment in environments.items():
        if not isinstance(environment, TradingEnvironment):
            continue
        earlier = before(environments, name)
        if environment.after not in environments:
            known = ", ".join(sorted(other for other in environments if other != name)) or "no other"
            yield Disagreement(
                name, ("after",), f"there is no environment '{environment.after}'; there is {known}, by file name"
            )
        elif name in earlier:
            way = " after ".join((name, *earlier[: earlier.index(name) + 1]))
            yield Disagreement(name, ("after",), f"goes round in a circle: {way}")
        else:
            yield from _neighbours(environment, environments[environment.after])
            yield from _weights(environment, tuple(environments[other] for other in reversed(earlier)))


def _neighbours(environment: TradingEnvironment, previous: AnyEnvironment | None) -> Iterator[Disagreement]:
    if isinstance(previous, Environment):
        if environment.mode is Mode.LIVE:
            words = f"'{previous.name}' judges on history: a bundle trades in a dry_run before it trades with money"
            yield Disagreement(environment.name, ("after",), words)
        elif environment.boarding is not None:
            words = f"'{previous.name}' judges on history and runs no bots, so nothing can be shown there; leave it out"
            yield Disagreement(environment.name, ("boarding",), words)
    elif isinstance(previous, TradingEnvironment) and environment.boarding is None:
        words = f"is missing: what must a bundle show in '{previous.name}' before it boards?"
        yield Disagreement(environment.name, ("boarding",), words)


def _weights(later: TradingEnvironment, earlier: tuple[AnyEnvironment | None, ...]) -> Iterator[Disagreement]:
    """Where an earlier live environment has more money at work than this one."""
    for other in earlier:
        if not isinstance(other, TradingEnvironment) or Mode.DRY_RUN in (other.mode, later.mode):
            continue
        if other.stake_currency != later.stake_currency:
            continue
        mine = dict(weights(later))
        for route, amount in weights(other):
            if amount > mine[route]:
                words = f"is more than in '{later.name}', which comes after it; an earlier environment must not be the heavier one"
                yield Disagreement(other.name, route, words)


def weights(environment: TradingEnvironment) -> tuple[tuple[tuple[str, ...], Decimal], ...]:
    """How much money is at work, by the way to the key: capital of a bot and in all, and what a trade opens with."""
    limits = environment.limits
    return (
        (("limits", "capital_per_bot"), limits.capital_per_bot),
        (("limits", "capital_in_all"), limits.capital_in_all or Decimal(0)),
        (("stake",), environment.largest_stake),
    )


def _after(environment: AnyEnvironment | None) -> str | None:
    return environment.after if isinstance(environment, TradingEnvironment) else None
