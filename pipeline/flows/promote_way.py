"""`freqtrain promote`, whichever way it was called: by a name or by itself; to plan, to ask on GitHub, or to let board."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import Enum, auto

from pipeline.domain.train.promotion import Idle, Promotion
from pipeline.flows.promote import planned, promote
from pipeline.flows.promote_ask import ask
from pipeline.flows.promote_automatic import automatic
from pipeline.flows.promote_decide import PromoteGround, Wish

OnGitHub = Callable[[PromoteGround], AbstractContextManager[PromoteGround]]


class Way(Enum):
    """What is done about who would board."""

    PLAN = auto()
    """It is said, and nothing is recorded."""

    ASK = auto()
    """It is said, and recorded as what a run on GitHub asks for."""

    BOARD = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """A wish, and which way it goes; where it is `by_itself`, it names neither a tag nor a commit."""

    wish: Wish
    way: Way
    by_itself: bool = False


def called(call: Call, ground: PromoteGround, on_github: OnGitHub = nullcontext) -> Promotion | Idle:
    """Do it; Idle where it should happen by itself and nothing is to be done. Then GitHub is not asked either.

    Args:
        call: what was asked for.
        ground: what it is decided on.
        on_github: the same ground with GitHub, for as long as a promotion asks there.

    Raises:
        UsageError, Refused, Locked, ToolFailed: see `automatic`, `ask`, `promote`.
    """
    wish = automatic(call.wish, ground) if call.by_itself else call.wish
    if isinstance(wish, str):
        return Idle(ground.road.environment.name, wish)
    if call.way is Way.ASK:
        return ask(wish, ground)
    with on_github(ground) as whole:
        return planned(wish, whole) if call.way is Way.PLAN else promote(wish, whole)
