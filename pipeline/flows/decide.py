"""`freqtrain decide`: what becomes of each bundle that runs in an environment."""

from collections.abc import Collection, Sequence

from pipeline.domain.train.boarding import Demands
from pipeline.domain.train.decide import decide
from pipeline.domain.train.decided import Applied, Decided
from pipeline.flows.observe import observation, promise
from pipeline.flows.road import Road
from pipeline.flows.take_back import carry_out
from pipeline.ports import PastObservations


def decisions(
    road: Road, past: PastObservations | None, demands: Demands | None, only: Collection[str] = ()
) -> tuple[Decided, ...]:
    """What becomes of every bundle that stands in the environment, by strategy; nothing is changed.

    Args:
        demands: what the environment after this one demands; None where none follows.
        only: the strategies that are asked for; all of them where there are none.

    Raises:
        ToolFailed: the observations cannot be read.
    """
    return tuple(
        decision(strategy, known.standing.bundle, road, past, demands)
        for strategy, known in sorted(road.state().strategies.items())
        if known.standing is not None and (not only or strategy in only)
    )


def decision(strategy: str, bundle: str, road: Road, past: PastObservations | None, demands: Demands | None) -> Decided:
    """What becomes of one bundle; arguments and errors as for `decisions`."""
    seen = observation(strategy, bundle, road, past)
    return decide(seen, promise(bundle, road), road.environment.staying, demands)


def apply(decided: Sequence[Decided], road: Road) -> tuple[Applied, ...]:
    """Take back what is to be taken back, see `take_back.carry_out`; one that fails does not keep the others from being taken back."""
    done = ((one, carry_out(one.conclusion, road)) for one in decided)
    return tuple(Applied(one, came.told, came.code) for one, came in done)
