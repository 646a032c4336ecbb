"""What only a person puts right: names that are missing, and owners."""

from dataclasses import replace

import pytest

from pipeline.domain.repository.by_hand import owners_file
from pipeline.domain.repository.codeowners import HEAD, codeowners_text
from pipeline.domain.repository.names import NameProblem, NameTrouble, Needs, Present, name_problems
from pipeline.domain.repository.wishes import Wishes

NEEDS = Needs(("KEY", "SECRET"), ("DRY_RUN", "STAKE"), (("TOKEN", "CHAT"),), private=frozenset(("KEY", "TOKEN")))
GOOD = Present(frozenset(("KEY", "SECRET")), frozenset(("DRY_RUN",)), repository_variables=frozenset(("STAKE",)))


def troubles(present: Present) -> list[tuple[str, NameTrouble]]:
    found: list[NameProblem] = list(name_problems("prod", NEEDS, present))
    return [(one.name, one.trouble) for one in found]


def test_where_everything_is_there_nothing_is_told() -> None:
    assert troubles(GOOD) == []
    assert troubles(replace(GOOD, secrets=GOOD.secrets | {"TOKEN", "CHAT", "MORE"})) == []


def test_every_name_that_is_missing_is_told() -> None:
    assert troubles(Present()) == [
        ("KEY", NameTrouble.SECRET_MISSING),
        ("SECRET", NameTrouble.SECRET_MISSING),
        ("DRY_RUN", NameTrouble.VARIABLE_MISSING),
        ("STAKE", NameTrouble.VARIABLE_MISSING),
    ]


@pytest.mark.parametrize(("there", "lacking"), [("TOKEN", "CHAT"), ("CHAT", "TOKEN")])
def test_half_of_a_pair_is_told(there: str, lacking: str) -> None:
    assert troubles(replace(GOOD, secrets=GOOD.secrets | {there})) == [(lacking, NameTrouble.HALF)]


def test_a_secret_of_the_whole_repository_is_told_though_the_environment_has_it_too() -> None:
    assert troubles(replace(GOOD, repository_secrets=frozenset(("KEY", "OTHER")))) == [("KEY", NameTrouble.EXPOSED)]


def test_a_secret_counts_in_the_environment_only() -> None:
    assert ("SECRET", NameTrouble.SECRET_MISSING) in troubles(
        replace(GOOD, secrets=frozenset(("KEY",)), repository_secrets=frozenset(("SECRET",)))
    )


def test_strategies_are_nobodys_and_everything_else_is_the_owners() -> None:
    assert codeowners_text(("@ada", "@o/team")) == f"{HEAD}* @ada @o/team\n/strategies/\n"
    assert codeowners_text(()) == ""


@pytest.mark.parametrize(
    ("owners", "text", "writes", "told"),
    [
        ((), None, False, False),
        ((), "* @by-hand\n", False, False),
        ((), f"{HEAD}* @ada\n/strategies/\n", False, True),
        (("@ada",), None, True, False),
        (("@ada",), f"{HEAD}* @grace\n/strategies/\n", True, False),
        (("@ada",), f"{HEAD}* @ada\n/strategies/\n", False, False),
        (("@ada",), "* @by-hand\n", False, True),
    ],
)
def test_the_owners_file_is_written_only_where_it_is_ours(
    owners: tuple[str, ...], text: str | None, writes: bool, told: bool
) -> None:
    written, by_hand = owners_file(Wishes((), owners=owners), text)
    assert written == (codeowners_text(owners) if writes else None)
    assert (by_hand is not None) is told
