"""Whose a repository is, and which accounts GitHub knows behind the authors of its commits."""

from dataclasses import dataclass

from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import Name, Shape, Text, User, read
from pipeline.domain.github import Person


@dataclass(frozen=True, slots=True)
class GitHubPeople:
    """See `ports.People`. What GitHub answers is compared with what was asked: a filter that it passes over is one that it ignores in silence."""

    github: GitHubSession

    def owner(self) -> Person | None:
        said = read(_Repository, self.github.get(""), "a repository")
        return said.owner.person() if said.owner.type == "User" else None

    def author_of(self, commit: str) -> Person | None:
        return next((_person(one) for one in self._commits(sha=commit) if one.sha == commit), None)

    def known_as(self, address: str) -> Person | None:
        found = self._commits(author=address) if address else ()
        return next((_person(one) for one in found if one.commit.by(address)), None)

    def _commits(self, **query: str) -> list["_Commit"]:
        return read(list[_Commit], self.github.get("commits", **query, per_page=1), "a list of commits")


class _Owner(User):
    type: Name


class _Repository(Shape):
    owner: _Owner


class _Author(Shape):
    email: Text | None = None


class _Inside(Shape):
    author: _Author | None

    def by(self, address: str) -> bool:
        return self.author is not None and (self.author.email or "").casefold() == address.casefold()


class _MaybeUser(Shape):
    """GitHub writes null or an empty object where it knows no account."""

    login: Name | None = None
    id: int | None = None


class _Commit(Shape):
    sha: Name
    commit: _Inside
    author: _MaybeUser | None


def _person(one: _Commit) -> Person | None:
    who = one.author
    return Person(who.login, who.id) if who is not None and who.login and who.id is not None else None
