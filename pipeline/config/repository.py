""".github/freqtrain.yml: who owns, releases and approves, and what differs from one repository to another."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from pipeline.config.environment_outline import Outline, modes
from pipeline.config.fields import Strict, refuse
from pipeline.config.problems import did_you_mean
from pipeline.config.source import Source, check, parse, read
from pipeline.domain.repository.wishes import EnvironmentWish, Ground, Team, Wishes, grounds_of
from pipeline.errors import ConfigError, Problem

FILE = ".github/freqtrain.yml"
_LOGIN = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?"
_PERSON = rf"@{_LOGIN}(?:_[a-z0-9]{{1,8}})?(/[a-z0-9][a-z0-9_-]{{0,99}})?"
_ACTION = r"[A-Za-z0-9._-]+/[A-Za-z0-9._*-]+(/[A-Za-z0-9._*-]+)*(@[A-Za-z0-9._*-]+)?"


def load_wishes(path: Path, outlines: Sequence[Outline]) -> Wishes:
    """The wishes of a repository; without the file, those of a team of one.

    Raises:
        ConfigError: all problems at once.
    """
    return wishes_from(read(path) if path.exists() else parse("team: solo", FILE), outlines)


def wishes_from(source: Source, outlines: Sequence[Outline]) -> Wishes:
    """As `load_wishes`, from a source."""
    model, problems = check(RepositoryFile, source)
    if model is not None:
        problems += (*_environments(model, source, outlines), *_roles(model, source, outlines))
    if model is None or problems:
        raise ConfigError(tuple(sorted(problems, key=lambda problem: (problem.line, problem.column))))
    return Wishes(
        environments=_wishes(model, outlines),
        team=Team(model.team),
        main=model.main,
        release_tags=model.release_tags,
        required_check=model.required_check,
        owners=model.owners,
        release_managers=model.release_managers,
        approvers=model.approvers,
        allowed_actions=model.allowed_actions,
        plan=model.plan or "",
    )


def disagreements(wishes: Wishes, outlines: Sequence[Outline]) -> tuple[str, ...]:
    """Where the files contradict each other though each is good: sentences."""
    alone = wishes.team is Team.SOLO
    approved = [one for one in outlines if one.approval and one.several is alone]
    if alone:
        why = "says `approval.team: several`, so that nobody signs for what is their own, and with `team: solo` there is nobody else"
        return tuple(f"environments/{one.name}.yml {why}: write `team: solo` there too" for one in approved)
    why = "says `approval.team: solo`, so that authors sign for what is their own, in spite of `team: roles`"
    return tuple(f"environments/{one.name}.yml {why}: write `team: several` there" for one in approved)


def _wishes(model: "RepositoryFile", outlines: Sequence[Outline]) -> tuple[EnvironmentWish, ...]:
    own, mode_of = {one.name: one for one in model.environments}, modes(outlines)
    found = []
    for one in outlines:
        if one.mode != "history":
            entry = own.get(one.name)
            derived = grounds_of(after=mode_of.get(one.after, ""), promotion_automatic=one.automatic)
            grounds = frozenset(map(Ground, entry.deploys_from)) if entry and entry.deploys_from else derived
            minutes = entry.wait_minutes if entry else None
            found.append(EnvironmentWish(one.name, grounds, one.approval, one.needs, minutes, one.signers))
    return tuple(found)


def _environments(model: "RepositoryFile", source: Source, outlines: Sequence[Outline]) -> Iterator[Problem]:
    known = tuple(one.name for one in outlines if one.mode != "history")
    names = [entry.name for entry in model.environments]
    for index, name in enumerate(names):
        route = ("environments", index, "name")
        if name not in known:
            yield source.problem(route, f"runs no bots{did_you_mean(name, known)}")
        elif name in names[:index]:
            yield source.problem(route, f"{name} stands twice")


def _roles(model: "RepositoryFile", source: Source, outlines: Sequence[Outline]) -> Iterator[Problem]:
    if model.team != "roles":
        return
    needed = {
        "owners": "review what is not a strategy",
        "release_managers": "make release tags",
        **({"approvers": "approve deployments"} if any(one.approval for one in outlines) else {}),
    }
    for key, what in needed.items():
        if not getattr(model, key):
            yield source.problem((key,), f"with `team: roles` somebody must {what}: name people or teams")


def _person(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_PERSON, value, re.ASCII):
        refuse("must be a person ('@name') or a team ('@organization/team'), in quotes")
    return value


def _ref(value: object) -> str:
    """A name that git takes, and in which GitHub's rules see no wildcard."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}", value) or ".." in value:
        refuse("must be the name of a branch, such as main")
    return value


def _tags(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,50}\*?", value):
        refuse("must be a pattern of tags, such as v*")
    return value


def _check(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}", value):
        refuse("must be the name of a job, such as gate")
    return value


def _action(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_ACTION, value):
        refuse("must be an action, such as docker/build-push-action@*")
    return value


Person = Annotated[str, PlainValidator(_person)]


class EnvironmentEntry(Strict):
    """What is particular about one environment on GitHub."""

    name: str = Field(description="the environment's file, without .yml")
    wait_minutes: int | None = Field(None, ge=0, le=43_200, description="how long a job waits before it starts")
    deploys_from: tuple[Literal["main", "release_tags"], ...] = Field(
        (),
        max_length=2,
        description="from where jobs may deploy to it; without it, what the environment's place asks for",
    )


class RepositoryFile(Strict):
    """The repository on GitHub as it must be."""

    team: Literal["solo", "roles"] = Field(
        "solo", description="solo: one person merges, releases and approves; roles: others review and approve"
    )
    main: Annotated[str, PlainValidator(_ref)] = Field("main", description="the branch that everything is built from")
    release_tags: Annotated[str, PlainValidator(_tags)] = Field(
        "v*", description="the tags by which bundles board with real money"
    )
    required_check: Annotated[str, PlainValidator(_check)] = Field(
        "gate", description="the check without which nothing is merged; it counts from GitHub Actions only"
    )
    owners: tuple[Person, ...] = Field((), max_length=20, description="review every change that is not a strategy")
    release_managers: tuple[Person, ...] = Field((), max_length=20, description="make release tags")
    approvers: tuple[Person, ...] = Field((), max_length=6, description="approve deployments; GitHub takes six at most")
    allowed_actions: tuple[Annotated[str, PlainValidator(_action)], ...] = Field(
        (), max_length=100, description="actions that may run besides GitHub's own; each use is pinned by a commit"
    )
    plan: Literal["free", "pro", "team", "enterprise"] | None = Field(
        None, description="GitHub's plan of the owner, where the token may not ask for it"
    )
    environments: tuple[EnvironmentEntry, ...] = Field(
        (), max_length=100, description="what is particular about an environment"
    )
