"""What is not as it must be, and only a person puts right: each with what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain.repository.codeowners import CODEOWNERS, HEAD, codeowners_text
from pipeline.domain.repository.devices import SEVERAL, VARIABLE, are_several, emergency_label
from pipeline.domain.repository.found import Facts, Found
from pipeline.domain.repository.names import NameProblem, NameTrouble, Present, name_problems
from pipeline.domain.repository.offers import Offers
from pipeline.domain.repository.settings import Settings
from pipeline.domain.repository.wishes import Wishes


@dataclass(frozen=True, slots=True)
class ByHand:
    """One thing for a person; `command` may be copied into a shell, where the words of `arguments` stand for themselves."""

    what: str
    do: str = ""
    command: tuple[str, ...] = ()


def by_hand(wishes: Wishes, offers: Offers, facts: Facts, found: Found) -> Iterator[ByHand]:
    """Everything of it, as far as the plan offers it."""
    if facts.default_branch != wishes.main:
        yield ByHand(
            f"the default branch is {facts.default_branch}, and the train builds from {wishes.main}",
            f"rename it on GitHub, or write `main: {facts.default_branch}` into .github/freqtrain.yml",
        )
    if offers.environments:
        for wish in wishes.environments:
            present = found.present.get(wish.name, Present())
            for problem in name_problems(wish.name, wish.needs, present):
                yield _of_name(problem, facts.name)
    yield from _devices([wish.name for wish in wishes.environments], facts.name, found)
    yield from _administrators(found.settings, {wish.name for wish in wishes.environments if wish.approval})
    for error in found.codeowners_errors:
        yield ByHand(f"GitHub cannot use {CODEOWNERS}: {error}", "an owner must exist and may write to the repository")


def owners_file(wishes: Wishes, text: str | None) -> tuple[str | None, ByHand | None]:
    """What CODEOWNERS has to hold where it is ours to write, and what a person has to do where it is not.

    Args:
        text: what it holds, None where there is none.
    """
    wanted = codeowners_text(wishes.owners)
    if text == (wanted or None):
        return None, None
    if not wanted:
        ours = text is not None and text.startswith(HEAD)
        return None, ByHand(
            f"{CODEOWNERS} names owners, and .github/freqtrain.yml none", "delete it, or name them there"
        ) if ours else None
    if text is not None and not text.startswith(HEAD):
        return None, ByHand(
            f"{CODEOWNERS} was not made by freqtrain",
            "move its owners to `owners` in .github/freqtrain.yml, and delete it",
        )
    return wanted, None


def _of_name(problem: NameProblem, repository: str) -> ByHand:
    where, name = problem.environment, problem.name
    there = ("--env", where, "--repo", repository)
    if problem.trouble is NameTrouble.VARIABLE_MISSING:
        return ByHand(
            f"environment {where}: the variable {name} is missing", "", ("gh", "variable", "set", name, *there)
        )
    set_secret = ("gh", "secret", "set", name, *there)
    if problem.trouble is NameTrouble.EXPOSED:
        return ByHand(
            f"the secret {name} of environment {where} is also one of the whole repository or organization: every workflow of every branch reads it",
            "set it in the environment, take it away there, and make a new key, because this one may be known",
            set_secret,
        )
    half = ", and the one that belongs to it is there" if problem.trouble is NameTrouble.HALF else ""
    return ByHand(f"environment {where}: the secret {name} is missing{half}", "", set_secret)


def _devices(environments: Sequence[str], repository: str, found: Found) -> Iterator[ByHand]:
    """An emergency for which there is no runner waits in silence for a day."""
    if found.devices and not are_several(found.devices):
        yield ByHand(
            f"the variable {VARIABLE} is set, and is not '{SEVERAL}': emergencies go to any device",
            "set it so, or delete it where there is one device",
            ("gh", "variable", "set", VARIABLE, "--body", SEVERAL, "--repo", repository),
        )
    if are_several(found.devices):
        for label in map(emergency_label, environments):
            if label not in found.labels:
                yield ByHand(
                    f"no runner has the label {label}: `stop` and `roll-back` would wait for one",
                    "give it to the emergency runner of that environment's device: Settings > Actions > Runners",
                )


def _administrators(settings: Settings, approved: set[str]) -> Iterator[ByHand]:
    for rules in settings.environments:
        if rules.name in approved and rules.administrators_bypass:
            yield ByHand(
                f"environment {rules.name}: administrators may pass by its reviewers",
                "untick it on GitHub: Settings > Environments (the API cannot)",
            )
