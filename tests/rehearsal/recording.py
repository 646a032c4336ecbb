"""A rehearsal's world, recorded while the real one is played, and played back: so that each claim can be broken without playing for minutes."""

import copy
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipeline.adapters.process import Completed
from pipeline.domain.ledger import Entry
from pipeline.rehearsal.exchange import FaultKind
from pipeline.rehearsal.world import World

Question = tuple[str, ...]
"""A method's name and its arguments as texts."""

BOOKS: Question = ("books",)
FOR_EVER = timedelta(hours=1)

Answers = dict[Question, list[Any]]


@dataclass
class RecordingWorld:
    """Passes everything on to a world, and keeps what that answered."""

    real: World
    answers: Answers = field(default_factory=lambda: defaultdict(list))
    began: datetime | None = None

    def _ask(self, answer: object, *question: str) -> Any:
        self.answers[question].append(copy.deepcopy(answer))
        return answer

    def now(self) -> datetime:
        now = self.real.now()
        self.began = self.began or now
        return now

    def sleep(self, seconds: float) -> None:
        self.real.sleep(seconds)

    def freqtrain(self, *arguments: str, variables: Mapping[str, str] | None = None) -> Completed:
        done: Completed = self._ask(self.real.freqtrain(*arguments, variables=variables), "freqtrain", *arguments)
        return done

    def tool(self, *argv: str) -> Completed:
        done: Completed = self._ask(self.real.tool(*argv), "tool", *_without_paths(argv))
        return done

    def ledger(self, environment: str) -> tuple[Entry, ...]:
        entries: tuple[Entry, ...] = self._ask(self.real.ledger(environment), "ledger", environment)
        return entries

    def orders(self, account: str) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self._ask(self.real.orders(account), "orders", account)
        return orders

    def known_orders(self, environment: str) -> set[str]:
        known: set[str] = self._ask(self.real.known_orders(environment), "known_orders", environment)
        return known

    def closed_profits(self, environment: str, strategy: str) -> list[float]:
        real = self.real.closed_profits(environment, strategy)
        profits: list[float] = self._ask(real, "closed_profits", environment, strategy)
        return profits

    def books(self) -> dict[str, Any]:
        books: dict[str, Any] = self._ask(self.real.books(), "books")
        return books

    def move(self, pair: str, ratio: float, seconds: float) -> None:
        self.real.move(pair, ratio, seconds)

    def disturb(self, kind: FaultKind, **narrowed: object) -> None:
        self.real.disturb(kind, **narrowed)

    def lift(self) -> None:
        self.real.lift()

    def kill(self, environment: str) -> int:
        killed: int = self._ask(self.real.kill(environment), "kill", environment)
        return killed

    def shut_down(self) -> None:
        self.real.shut_down()

    def processes(self) -> list[str]:
        found: list[str] = self._ask(self.real.processes(), "processes")
        return found


@dataclass
class PlayedBack:
    """Answers each question as it was answered, in that order, and the last answer for ever; time passes only by sleeping.

    Where nothing that was asked will be answered otherwise any more, waiting on is in vain, and patience ends at once.
    """

    answers: Answers
    at: datetime
    asked: dict[Question, int] = field(default_factory=lambda: defaultdict(int))
    news: bool = False
    """Whether something that was asked since the last sleep has further answers; the books' samples have them to the end."""

    def _answer(self, *question: str) -> Any:
        given = self.answers[question]
        place = min(self.asked[question], len(given) - 1)
        self.asked[question] += 1
        self.news |= question != BOOKS and place < len(given) - 1
        return copy.deepcopy(given[place])

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds) if self.news else FOR_EVER
        self.news = False

    def freqtrain(self, *arguments: str, variables: Mapping[str, str] | None = None) -> Completed:
        done: Completed = self._answer("freqtrain", *arguments)
        return done

    def tool(self, *argv: str) -> Completed:
        done: Completed = self._answer("tool", *_without_paths(argv))
        return done

    def ledger(self, environment: str) -> tuple[Entry, ...]:
        entries: tuple[Entry, ...] = self._answer("ledger", environment)
        return entries

    def orders(self, account: str) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self._answer("orders", account)
        return orders

    def known_orders(self, environment: str) -> set[str]:
        known: set[str] = self._answer("known_orders", environment)
        return known

    def closed_profits(self, environment: str, strategy: str) -> list[float]:
        profits: list[float] = self._answer("closed_profits", environment, strategy)
        return profits

    def books(self) -> dict[str, Any]:
        books: dict[str, Any] = self._answer("books")
        return books

    def move(self, pair: str, ratio: float, seconds: float) -> None:
        """Prices are in the answers."""

    def disturb(self, kind: FaultKind, **narrowed: object) -> None:
        """What it did is in the answers."""

    def lift(self) -> None:
        """What it did is in the answers."""

    def kill(self, environment: str) -> int:
        killed: int = self._answer("kill", environment)
        return killed

    def shut_down(self) -> None:
        """Nothing runs."""

    def processes(self) -> list[str]:
        found: list[str] = self._answer("processes")
        return found


Change = Callable[[Question, int, Any], Any]
"""Given a question, how often it was asked before, and its answer: another answer."""


def changed(answers: Answers, change: Change) -> Answers:
    """The recording with other answers."""
    return {
        question: [change(question, place, copy.deepcopy(one)) for place, one in enumerate(given)]
        for question, given in answers.items()
    }


def _without_paths(argv: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.rsplit("/", 1)[-1] if one.startswith("/") else one for one in argv)
