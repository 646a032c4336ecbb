"""Situations that tests start from."""

from pipeline.domain.train.decisions import Soaked
from pipeline.domain.train.movements import TradePolicy
from pipeline.domain.train.plan import Order, plan
from tests.domain.train.world import ENVIRONMENT, NEW, OLD, STRATEGY, World


def order(bundle: str = NEW, **more: object) -> Order:
    return Order(STRATEGY, bundle, "ada", **more)  # type: ignore[arg-type]


def deploy(world: World, bundle: str = NEW, **more: object) -> None:
    """Deploy as the verb does: converge, then plan, then carry out."""
    world.converge()
    world.carry_out(plan(world.seen(), world.state, order(bundle, **more), world.now))


def empty() -> World:
    return World()


def running(trades: int = 2, *, soaked: bool = True) -> World:
    """The old bundle runs and holds trades."""
    world = World()
    deploy(world, OLD)
    world.trades = trades
    if soaked:
        world.append(Soaked(ENVIRONMENT, STRATEGY, OLD, 48.0, 7))
    world.points = 0
    world.done.clear()
    return world


def draining(**more: object) -> World:
    """The old bundle drains, and the new one waits."""
    world = running()
    deploy(world, trades=TradePolicy.DRAIN, **more)
    world.points = 0
    world.done.clear()
    return world
