"""The seasons of the market: bull, bear, range and crash, several times each in every third of a year."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pipeline.domain.market.noise import Dice

Item = TypeVar("Item")

STEPS_A_DAY = 288
_STEPS_AN_HOUR = 12


class Regime(StrEnum):
    """What the whole market does."""

    BULL = "bull"
    BEAR = "bear"
    RANGE = "range"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Character:
    """How a regime behaves.

    `drift` is the ratio that the level gains a day, `volatility` a multiple of the market's calm noise, `pull` how often a day the price
    would come back to its level (a distance halves in ln 2 / pull days), and then how long it lasts.
    """

    drift: float
    volatility: float
    pull: float
    shortest_hours: int
    longest_hours: int


CHARACTERS: dict[Regime, Character] = {
    Regime.BULL: Character(drift=0.015, volatility=1.1, pull=1.5, shortest_hours=150, longest_hours=210),
    Regime.BEAR: Character(drift=-0.0235, volatility=1.1, pull=1.5, shortest_hours=150, longest_hours=210),
    Regime.RANGE: Character(drift=0.0, volatility=2.8, pull=7.0, shortest_hours=84, longest_hours=120),
    Regime.CRASH: Character(drift=-0.28, volatility=2.5, pull=1.5, shortest_hours=8, longest_hours=12),
}

_HALVES = ((Regime.BULL, Regime.BEAR), (Regime.BULL, Regime.CRASH))


@dataclass(frozen=True, slots=True)
class Spell:
    """One regime from step `start` (inclusive) to `end` (exclusive), in steps of five minutes."""

    regime: Regime
    start: int
    end: int


def schedule(seed: int, days: int) -> tuple[Spell, ...]:
    """The regimes of a span, without a hole; the last one ends with it.

    A season is two halves, one with a bull and a bear spell, one with a bull spell and a crash, in random order; a range follows each.
    """
    dice = Dice(seed, "regimes")
    spells: list[Spell] = []
    at, end = 0, days * STEPS_A_DAY
    while at < end:
        for regime in _season(dice):
            length = _length(dice, CHARACTERS[regime])
            if at < end:
                spells.append(Spell(regime, at, min(at + length, end)))
            at += length
    return tuple(spells)


def _season(dice: Dice) -> list[Regime]:
    season: list[Regime] = []
    for half in _shuffled(dice, _HALVES):
        for trend in _shuffled(dice, half):
            season += [trend, Regime.RANGE]
    return season


def _shuffled(dice: Dice, pair: tuple[Item, Item]) -> tuple[Item, Item]:
    return pair if dice.below(2) else (pair[1], pair[0])


def _length(dice: Dice, character: Character) -> int:
    hours = character.shortest_hours + dice.below(character.longest_hours - character.shortest_hours + 1)
    return hours * _STEPS_AN_HOUR
