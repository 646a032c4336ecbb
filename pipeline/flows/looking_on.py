"""What a watch's own verb waits for, the watch looks on beside: a bot that hangs, or ends late, blinds nobody to the others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar, cast

from pipeline.domain.bot import BotSpec
from pipeline.flows.at_once import asked
from pipeline.flows.road import LOOK_SECONDS, Road
from pipeline.ports import Bot, Clock, ExchangeAccount, Homes, Runtime

_Answer = TypeVar("_Answer")


def looking_on(road: Road, look: Callable[[], None], every_seconds: float) -> Road:
    """The road for a verb that takes its time: whenever it waits, for whatever that may hang, `look` is called, once in so many seconds."""
    clock = LooksWhileWaiting(road.clock, look, every_seconds)
    return replace(
        road,
        clock=clock,
        homes=cast(Homes, _HomesBeside(road.homes, clock)),
        runtime=cast(Runtime, _Beside(road.runtime, clock)),
        account=None if road.account is None else cast(ExchangeAccount, _Beside(road.account, clock)),
        own_accounts={
            name: cast(ExchangeAccount, _Beside(account, clock)) for name, account in road.own_accounts.items()
        },
        preflight=lambda spec: _beside(partial(road.preflight, spec), clock),
    )


class LooksWhileWaiting:
    """A clock (`ports.Clock`) whose sleeper keeps watching, so that a bot that takes minutes to be proved blinds nobody to the others."""

    def __init__(self, clock: Clock, look: Callable[[], None], every_seconds: float) -> None:
        self._clock, self._look, self._every = clock, look, timedelta(seconds=every_seconds)
        self._looked_at = clock.now()

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
        if abs(self._clock.now() - self._looked_at) >= self._every:
            self._looked_at = self._clock.now()
            self._look()


class _Beside:
    """Something of a port all of whose methods may take their time: each is called in a thread, and the caller's own looks on until it is done.

    Only one of them is on its way at a time, as without it; what they answer or raise is what the caller gets.
    """

    def __init__(self, real: object, clock: Clock) -> None:
        self._real, self._clock = real, clock

    def __getattr__(self, name: str) -> object:
        method: Callable[..., object] = getattr(self._real, name)
        return lambda *arguments, **named: _beside(partial(method, *arguments, **named), self._clock)


class _HomesBeside:
    """Homes (`ports.Homes`) whose bots are asked that way; the homes themselves lie on this disk."""

    def __init__(self, real: Homes, clock: Clock) -> None:
        self._real, self._clock = real, clock

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def bot(self, spec: BotSpec) -> Bot:
        return cast(Bot, _Beside(self._real.bot(spec), self._clock))


def _beside(question: Callable[[], _Answer], clock: Clock) -> _Answer:
    """Whoever is interrupted waits no longer; what was on its way then goes on until it is done, or the process ends."""
    answers: SimpleQueue[Callable[[], _Answer]] = SimpleQueue()
    Thread(target=lambda: answers.put(asked(question)), name="waits beside the watch", daemon=True).start()
    while True:
        try:
            answer = answers.get(timeout=LOOK_SECONDS)
        except Empty:
            clock.sleep(0.0)
        else:
            return answer()
