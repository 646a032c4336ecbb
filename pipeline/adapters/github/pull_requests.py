"""The repository's pull requests."""

from dataclasses import dataclass

from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.shapes import Name, Number, OfRepository, Shape, User, read
from pipeline.domain.github import PullRequest


@dataclass(frozen=True, slots=True)
class GitHubPullRequests:
    """See `ports.PullRequests`."""

    github: GitHubSession

    def of_head(self, repository: str, sha: str, branch: str = "") -> tuple[PullRequest, ...]:
        """GitHub's own filter knows the owner and the branch only: what it lists is compared once more, with the commit too."""
        head = f"{repository.split('/')[0]}:{branch}" if branch else None
        listed = self.github.pages("pulls", state="open", head=head)
        found = [_pull_request(read(_Pull, one, "a pull request")) for one in listed]
        return tuple(
            one
            for one in found
            if (one.head_repository.lower(), one.head_sha) == (repository.lower(), sha)
            and branch in ("", one.head_branch)
        )


class _Side(Shape):
    ref: Name
    sha: Name
    repo: OfRepository | None


class _Pull(Shape):
    number: Number
    head: _Side
    base: _Side
    user: User | None
    html_url: Name


def _pull_request(said: _Pull) -> PullRequest:
    return PullRequest(
        number=said.number,
        head_repository=said.head.repo.full_name if said.head.repo else "",
        head_branch=said.head.ref,
        head_sha=said.head.sha,
        into_branch=said.base.ref,
        author=said.user.person() if said.user else None,
        url=said.html_url,
    )
