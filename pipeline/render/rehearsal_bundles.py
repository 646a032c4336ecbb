"""The bundles of a rehearsal, and how a page finds them in what was said."""

import re
from dataclasses import dataclass, field

from pipeline.domain.rehearsal import Rehearsal
from pipeline.domain.train.steps import short

COLOURS = 6
"""Of bundles, in templates/rehearsal.css.j2; with more bundles than that they come again."""

Parts = tuple[tuple[str, int | None], ...]
"""A sentence in pieces; those that name a bundle carry the number of its colour."""


@dataclass(frozen=True)
class Bundles:
    """The bundles of a rehearsal, each with its number, by which it is coloured; the oldest first."""

    numbers: dict[str, int] = field(default_factory=dict)
    strategies: dict[str, str] = field(default_factory=dict)

    def __contains__(self, bundle: str) -> bool:
        return bundle in self.numbers


def bundles(rehearsal: Rehearsal) -> Bundles:
    """Every bundle that ran or that a ledger tells of."""
    told = [(one.since_at, one.strategy, one.bundle) for one in rehearsal.ran]
    told += [(one.at, one.strategy, bundle) for one in rehearsal.events if one.strategy for bundle in one.bundles]
    found = Bundles()
    for _, strategy, bundle in sorted(told):
        if bundle not in found:
            found.numbers[bundle] = len(found.numbers)
            found.strategies[bundle] = strategy
    return found


class Naming:
    """Finds the names of bundles in sentences, short or whole."""

    def __init__(self, known: Bundles) -> None:
        self._colours = {short(bundle): number % COLOURS for bundle, number in known.numbers.items()}
        names = "|".join(re.escape(name) for name in self._colours if name)
        self._pattern = re.compile(rf"((?:sha256:)?(?:{names})[0-9a-f]*)") if names else None

    def parts(self, text: str) -> Parts:
        """The text in pieces, which make the whole when they are joined."""
        if self._pattern is None:
            return ((text, None),)
        pieces = self._pattern.split(text)
        return tuple(
            (piece, self._colours.get(short(piece)) if index % 2 else None)
            for index, piece in enumerate(pieces)
            if piece
        )
