"""Every shape of plan there is, with its steps, so that whoever tests crashes can demand one case for each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipeline.domain.bot import BotSpec, BotState, RunningBot
from pipeline.domain.train.converge import converge_one
from pipeline.domain.train.movements import Purpose, TradePolicy
from pipeline.domain.train.plan import Order, Plan, plan, roll_back, undo
from pipeline.domain.train.sight import Says, SeenBot
from pipeline.domain.train.state import (
    Deployment,
    Drain,
    EnvironmentState,
    Hold,
    HoldKind,
    Progress,
    Retirement,
    Standing,
    StrategyState,
)
from pipeline.domain.train.steps import StepKind, bot_name

_AT = datetime(2025, 1, 1, tzinfo=UTC)
_ENVIRONMENT, _STRATEGY = "prod", "example"
_OLD, _NEW = Standing("sha256:" + "a" * 64, "a"), Standing("sha256:" + "b" * 64, "b")


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """A step of a shape of plan, where a verb can die: `number` from 0."""

    shape: str
    number: int
    kind: StepKind

    def __str__(self) -> str:
        return f"{self.shape}/{self.number}-{self.kind.value}"


def all_steps() -> tuple[CrashPoint, ...]:
    """Every step of every shape."""
    return tuple(
        CrashPoint(shape, number, step.kind)
        for shape, made in all_plans().items()
        for number, step in enumerate(made.steps)
    )


def all_plans() -> Mapping[str, Plan]:
    """An example of every shape of plan, by name."""
    return dict(_plans())


def _plans() -> Iterator[tuple[str, Plan]]:
    fresh, stands = _state(StrategyState(_STRATEGY)), _state(_standing())
    old, new = _bot(_OLD), _bot(_NEW)
    yield "first", plan((), fresh, _order(), _AT)
    yield "first, adopting", plan((), fresh, _order(adopt=True), _AT)
    yield "carry", plan((old,), stands, _order(), _AT)
    yield "carry, warm", plan((old,), stands, _order(warm=True), _AT)
    yield "exit", plan((old,), stands, _order(trades=TradePolicy.EXIT), _AT)
    yield "drain", plan((old,), stands, _order(trades=TradePolicy.DRAIN), _AT)
    yield "end of drain", _converged((_bot(_OLD, trades=0, entries=False),), _state(_draining(TradePolicy.CARRY)))
    yield "end of drain, exit", _converged((_bot(_OLD, entries=False),), _state(_draining(TradePolicy.EXIT)))
    yield "roll back", _rolled_back()
    paused = replace(stands, strategies={_STRATEGY: _progress(Purpose.DEPLOY)})
    yield "undo, old up", undo((_bot(_OLD, entries=False),), paused, _STRATEGY, "asked")
    yield "undo, new up", undo((new, _down(_OLD)), paused, _STRATEGY, "asked")
    yield "undo, nothing up", undo((_down(_OLD), _down(_NEW)), paused, _STRATEGY, "asked")
    yield "resume, new paused", _converged((_bot(_NEW, entries=False), _down(_OLD)), paused)
    yield "resume, new released", _converged((new, _down(_OLD)), _state(_progress(Purpose.DEPLOY, releasing=True)))
    yield "after a reboot", _converged((_down(_OLD),), stands)
    yield "after a restart", _converged((_bot(_OLD, entries=False),), stands)
    yield "stop", _converged((old,), _state(_standing(_hold(exits=False))))
    yield "stop with exits", _converged((old,), _state(_standing(_hold(exits=True))))
    yield "retire, trades open", _converged((old,), _state(_retired(at_once=False)))
    yield "retire, no trades", _converged((_bot(_OLD, trades=0),), _state(_retired(at_once=False)))
    yield "retire at once", _converged((old,), _state(_retired(at_once=True)))
    yield "stray", _converged((old,), fresh)


def _rolled_back() -> Plan:
    good = Deployment(_OLD.bundle, "a", _AT, "", "", "", Purpose.DEPLOY, _AT, _AT)
    state = _state(replace(_standing(), standing=_NEW, deployments=(good,)))
    made = roll_back((_bot(_NEW),), state, _STRATEGY)
    assert made is not None
    return made


def _converged(seen: tuple[SeenBot, ...], state: EnvironmentState) -> Plan:
    made = converge_one(seen, state, _STRATEGY, _AT)
    assert made is not None
    return made


def _order(*, trades: TradePolicy = TradePolicy.CARRY, warm: bool = False, adopt: bool = False) -> Order:
    return Order(_STRATEGY, _NEW.bundle, "", trades, warm=warm, adopt=adopt)


def _state(strategy: StrategyState) -> EnvironmentState:
    known = strategy.place >= 0
    return EnvironmentState(_ENVIRONMENT, {_STRATEGY: strategy} if known else {})


def _standing(*holds: Hold) -> StrategyState:
    made = Deployment(_OLD.bundle, _OLD.slot, _AT, "", "", "", Purpose.DEPLOY)
    return StrategyState(_STRATEGY, 0, _OLD, deployments=(made,), holds=holds)


def _hold(*, exits: bool) -> Hold:
    return Hold(HoldKind.STOP, "asked", _AT, exits=exits)


def _draining(rest: TradePolicy) -> StrategyState:
    return replace(_standing(), drain=Drain(_OLD.bundle, _NEW.bundle, _AT, rest, ""))


def _retired(*, at_once: bool) -> StrategyState:
    return replace(_standing(), retirement=Retirement(_OLD.bundle, _AT, at_once, "deleted"))


def _progress(purpose: Purpose, *, releasing: bool = False) -> StrategyState:
    return replace(_standing(), progress=Progress(purpose, _NEW, _OLD, (), "", _AT, releasing=releasing))


def _bot(what: Standing, trades: int = 2, *, entries: bool = True) -> SeenBot:
    return SeenBot(RunningBot(_spec(what), BotState.RUNNING, _AT), Says(what.bundle, entries, trades))


def _down(what: Standing) -> SeenBot:
    return SeenBot(RunningBot(_spec(what), BotState.DOWN, _AT))


def _spec(what: Standing) -> BotSpec:
    return BotSpec(bot_name(_ENVIRONMENT, _STRATEGY, what.slot), _ENVIRONMENT, _STRATEGY, what.bundle, "", 0)
