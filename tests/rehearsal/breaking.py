"""How each claim of the story is broken: an answer of the world that is otherwise than it should be."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipeline.adapters.process import Completed
from tests.rehearsal.recording import Change, Question


def ends_with(code: int, *command: str, only: int | None = None) -> Change:
    """A verb ends with that exit code; every time, or only the one time (from 0)."""

    def change(question: Question, place: int, answer: Any) -> Any:
        if question[: len(command) + 1] != ("freqtrain", *command) or only not in (None, place):
            return answer
        return replace(answer, code=code)

    return change


def prints(edit: Callable[[dict[str, Any]], None], *command: str, only: int | None = None, after: int = 0) -> Change:
    """The JSON that a verb prints is edited."""

    def change(question: Question, place: int, answer: Completed) -> Any:
        asked = question[: len(command) + 1] == ("freqtrain", *command)
        if not asked or only not in (None, place) or place < after:
            return answer
        document = json.loads(answer.out)
        edit(document)
        return replace(answer, out=json.dumps(document))

    return change


def says(environment: str, strategy: str, *, after: int = 0, **otherwise: object) -> Change:
    """`status` says something else about a strategy, from that time on (from 0)."""

    def edit(document: dict[str, Any]) -> None:
        for line in document["strategies"]:
            if line["strategy"] == strategy:
                line.update(otherwise)

    return prints(edit, "status", environment, after=after)


def forgets(environment: str, kind: str) -> Change:
    """A ledger has no entries of a kind."""

    def change(question: Question, _place: int, answer: Any) -> Any:
        if question != ("ledger", environment):
            return answer
        return tuple(entry for entry in answer if entry.kind != kind)

    return change


def remembers(environment: str, kind: str, **otherwise: Any) -> Change:
    """A ledger's entries of a kind say something else."""

    def change(question: Question, _place: int, answer: Any) -> Any:
        if question != ("ledger", environment):
            return answer
        return tuple(replace(one, body={**one.body, **otherwise}) if one.kind == kind else one for one in answer)

    return change


def books(account: str, edit: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], *, after: int = 0) -> Change:
    """The exchange's orders of an account are others, from that time on (from 0)."""

    def change(question: Question, place: int, answer: Any) -> Any:
        return edit(answer) if question == ("orders", account) and place >= after else answer

    return change


def sides(*kept: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Only orders of these sides."""
    return lambda orders: [order for order in orders if order["side"] in kept]


def larger(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every fill is of ten times the amount."""
    for order in orders:
        for fill in order["fills"]:
            fill["quantity"] = str(10 * float(fill["quantity"]))
    return orders


def answers(question: Question, otherwise: Any) -> Change:
    """One question has another answer, every time."""
    return lambda asked, _place, answer: otherwise if asked == question else answer
