"""What goes wrong on demand: which requests a fault meets, how often, and who is held until it is lifted."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class FaultKind(StrEnum):
    """What can go wrong."""

    LATENCY = "latency"
    """The request is read `seconds` later."""
    HANG_BEFORE = "hang_before"
    """The request is held, and acted on only when the fault is lifted."""
    HANG_AFTER = "hang_after"
    """The request is acted on, and its answer held until the fault is lifted."""
    LOST_ANSWER = "lost_answer"
    """The request is acted on, and the connection closed without an answer."""
    STATUS = "status"
    """The request is not acted on; the answer has `status`, and `retry_after` seconds in its header if that is not 0."""
    WRONG_KEY = "wrong_key"
    """The key is not known (any more)."""
    NO_BALANCE = "no_balance"
    """New orders find the balance insufficient."""
    CLOCK_SKEW = "clock_skew"
    """The exchange's clock is `seconds` ahead (negative: behind) of the true time."""
    FROZEN_FEED = "frozen_feed"
    """Prices, candles and resting orders stand still."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a fault sees of a request: `account` is whose key it carries, `side` is BUY or SELL where it is about an order."""

    method: str
    path: str
    account: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `method`, `path`, `account`, `side` narrow down whom it meets (empty: all); after `times` requests it is over (0: when lifted)."""

    kind: FaultKind
    method: str = ""
    path: str = ""
    account: str = ""
    side: str = ""
    times: int = 0
    seconds: float = 0.0
    status: int = 503
    code: int = 0
    """In the body of a STATUS answer; 0: a page without JSON, as gateways in front of an exchange give it."""
    message: str = "the exchange is out of order"
    retry_after: int = 0

    def meets(self, call: Call) -> bool:
        wanted = (self.method, self.path, self.account, self.side)
        given = (call.method, call.path, call.account, call.side)
        return all(one in ("", other) for one, other in zip(wanted, given, strict=True))


@dataclass
class ActiveFault:
    """A fault in force: how many requests it has met, and how many it holds now."""

    number: int
    fault: Fault
    met: int = 0
    holding: int = 0
    lifted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def over(self) -> bool:
        return self.lifted.is_set() or (self.fault.times > 0 and self.met >= self.fault.times)

    async def hold(self) -> None:
        """Return when the fault is lifted."""
        self.holding += 1
        try:
            await self.lifted.wait()
        finally:
            self.holding -= 1


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._active: dict[int, ActiveFault] = {}
        self._number = 0

    def add(self, fault: Fault) -> ActiveFault:
        self._number += 1
        active = self._active[self._number] = ActiveFault(self._number, fault)
        return active

    def lift(self, number: int | None = None) -> int:
        """Lift one fault or all; whoever is held goes on. Returns how many were lifted."""
        numbers = list(self._active) if number is None else [number] if number in self._active else []
        for one in numbers:
            self._active.pop(one).lifted.set()
        return len(numbers)

    def listed(self) -> tuple[ActiveFault, ...]:
        return tuple(self._active.values())

    def of(self, kind: FaultKind) -> Iterator[Fault]:
        """The faults of a kind that are in force, met or not."""
        return (active.fault for active in self._active.values() if active.fault.kind is kind and not active.over)

    def meet(self, kind: FaultKind, call: Call) -> ActiveFault | None:
        """The first fault of the kind that meets the request; it is counted."""
        for active in self._active.values():
            if active.fault.kind is kind and not active.over and active.fault.meets(call):
                active.met += 1
                return active
        return None
