"""Compare a repository on GitHub with what the files say; change nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.repository.by_hand import by_hand, owners_file
from pipeline.domain.repository.calls import changes
from pipeline.domain.repository.checked import Checked
from pipeline.domain.repository.differences import differences
from pipeline.domain.repository.found import Facts
from pipeline.domain.repository.offers import Offers, offers_of, shortfalls
from pipeline.domain.repository.settings import Settings
from pipeline.domain.repository.signers import signers_by_hand
from pipeline.domain.repository.wanted import Place, wanted
from pipeline.domain.repository.wishes import Wishes
from pipeline.errors import Refused
from pipeline.ports import RepositorySettings


@dataclass(frozen=True, slots=True)
class Ground:
    """What is wished, whom to ask, the checkout's CODEOWNERS and how a file is written, and contradictions among the files."""

    wishes: Wishes
    settings: RepositorySettings
    codeowners: Path
    write: Callable[[Path, str], None]
    notes: tuple[str, ...] = ()
    root: Path = Path()
    """Of the checkout."""


def check(ground: Ground) -> Checked:
    """Ask GitHub for everything that is wished, as far as its plan offers it.

    Raises:
        Refused: the repository is not there, the token lacks a right, or somebody who is named is not there.
    """
    wishes, settings = ground.wishes, ground.settings
    facts = settings.facts(wishes.plan)
    offers = offers_of(private=facts.private, plan=facts.plan)
    wish = _wanted(ground, facts, offers)
    names = [one.name for one in wishes.environments]
    found = settings.found(facts, offers, names, owned=bool(wishes.owners))
    text = _text(ground.codeowners)
    owners, more = owners_file(wishes, text)
    return Checked(
        facts,
        offers,
        differences(wish, found.settings),
        changes(wish, found.settings),
        (
            *by_hand(wishes, offers, facts, found),
            *((more,) if more else ()),
            *signers_by_hand(wishes, offers, lambda name: _text(ground.root / name)),
        ),
        owners,
        shortfalls(offers),
        ground.notes,
    )


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def _wanted(ground: Ground, facts: Facts, offers: Offers) -> Settings:
    needed = ground.wishes.people if offers.rulesets or offers.reviewers else ()
    place = Place(offers, ground.settings.people(needed), facts.owner)
    try:
        return wanted(ground.wishes, place)
    except ValueError as error:
        raise Refused(str(error), hint="name them under `approvers` in .github/freqtrain.yml: ['@name']") from error
