"""Where the repository's tags are, as GitHub knows it now."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from pipeline.adapters.github.refusals import NotFound
from pipeline.adapters.github.session import GitHubSession, segment
from pipeline.adapters.github.shapes import Name, Shape, read
from pipeline.errors import Refused, ToolFailed

DEEPEST = 5
"""A tag may name a tag, which names a tag; nobody does so this often."""


@dataclass(frozen=True, slots=True)
class GitHubTags:
    """See `ports.TagPages`."""

    github: GitHubSession

    def commit_of(self, tag: str) -> str:
        try:
            said = read(_Reference, self.github.get(f"git/ref/{segment(f'tags/{tag}')}"), "a tag")
        except NotFound:
            # No such tag or not for us: whoever may see the repository knows which.
            self.github.get("")
            return ""
        if said.ref != f"refs/tags/{tag}":
            raise ToolFailed(f"GitHub was asked for tag {tag} and answered with another one", hint="try again later")
        found = said.object
        for _ in range(DEEPEST):
            if found.type != "tag":
                break
            found = read(_Pointing, self.github.get(f"git/tags/{segment(found.sha)}"), "an annotated tag").object
        if found.type != "commit":
            raise Refused(f"tag {tag} names no commit", hint="tag a commit")
        return found.sha


class _Object(Shape):
    type: Literal["commit", "tag", "tree", "blob"]
    sha: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]


class _Pointing(Shape):
    object: _Object


class _Reference(_Pointing):
    ref: Name
