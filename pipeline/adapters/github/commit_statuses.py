"""The lines under a commit."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.adapters.github.session import GitHubSession, segment
from pipeline.adapters.github.shapes import MaybeText, Name, Number, Shape, read
from pipeline.domain.canonical import Plain
from pipeline.domain.github import MOST_SENTENCE, CommitStatus, StatusState
from pipeline.render.plain import plain_text


@dataclass(frozen=True, slots=True)
class GitHubCommitStatuses:
    """See `ports.CommitStatuses`."""

    github: GitHubSession

    def set(self, sha: str, status: CommitStatus) -> None:
        """The latest counts, so twice is as once; it is looked at first because GitHub takes a thousand of a context, and no more."""
        sentence = plain_text(status.sentence, MOST_SENTENCE)
        wanted = CommitStatus(status.context, status.state, sentence, status.link)
        if wanted in self.latest(sha):
            return
        body: dict[str, Plain] = {"context": wanted.context, "state": wanted.state.value, "description": sentence}
        if wanted.link:
            body["target_url"] = wanted.link
        self.github.post_once(f"statuses/{segment(sha)}", body, lambda: True if wanted in self.latest(sha) else None)

    def latest(self, sha: str) -> tuple[CommitStatus, ...]:
        """GitHub lists the newest first."""
        found: dict[str, CommitStatus] = {}
        for one in self._listed(sha):
            found.setdefault(one.context, one)
        return tuple(found.values())

    def of_context(self, sha: str, context: str) -> tuple[CommitStatus, ...]:
        return tuple(one for one in self._listed(sha) if one.context == context)

    def _listed(self, sha: str) -> Iterator[CommitStatus]:
        for one in self.github.pages(f"commits/{segment(sha)}/statuses"):
            said = read(_Status, one, "a commit status")
            yield CommitStatus(said.context, said.state, said.description, said.target_url, said.id)


class _Status(Shape, strict=False):
    id: Number
    context: Name
    state: StatusState
    description: MaybeText = ""
    target_url: MaybeText = ""
