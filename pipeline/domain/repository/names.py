"""Which secrets and variables an environment needs by name, and which of them GitHub lacks; values are never asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Needs:
    """Names that an environment cannot do without; of each of the `pairs` both names are there, or none. `private` are all names of secrets."""

    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    private: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Present:
    """Names that are there: in the environment, in the whole repository, and shared by the organization."""

    secrets: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    repository_secrets: frozenset[str] = frozenset()
    repository_variables: frozenset[str] = frozenset()


class NameTrouble(StrEnum):
    """What is wrong with a name."""

    SECRET_MISSING = "secret is missing"
    VARIABLE_MISSING = "variable is missing"
    HALF = "the secret that belongs to it is missing"
    EXPOSED = "secret is readable by every workflow"


@dataclass(frozen=True, slots=True)
class NameProblem:
    """One name in one environment that only a person puts right."""

    environment: str
    name: str
    trouble: NameTrouble


def name_problems(environment: str, needs: Needs, present: Present) -> Iterator[NameProblem]:
    """Everything that is missing, and secrets that stand where every workflow of every branch can read them.

    A variable may stand in the environment, the repository or the organization. A secret counts only in the environment, whose rules
    guard it.
    """
    for name in needs.secrets:
        if name not in present.secrets:
            yield NameProblem(environment, name, NameTrouble.SECRET_MISSING)
    for name in needs.variables:
        if name not in present.variables | present.repository_variables:
            yield NameProblem(environment, name, NameTrouble.VARIABLE_MISSING)
    for one, other in needs.pairs:
        there = present.secrets & {one, other}
        if len(there) == 1 and one != other:
            yield NameProblem(environment, other if one in there else one, NameTrouble.HALF)
    for name in sorted(needs.private & present.repository_secrets):
        yield NameProblem(environment, name, NameTrouble.EXPOSED)
