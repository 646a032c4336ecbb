"""What flows need of GitHub: one Protocol a thing. Every call raises Refused where GitHub does not allow it, ToolFailed where it does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pipeline.domain.github import (
        Artifact,
        Asset,
        Comment,
        CommitStatus,
        DeploymentPage,
        DeploymentState,
        IssuePage,
        Person,
        PullRequest,
        ReleasePage,
        Review,
        Runner,
        WaitingDeployment,
        WorkflowJob,
        WorkflowRun,
    )


class PullRequests(Protocol):
    """The repository's pull requests."""

    def of_head(self, repository: str, sha: str, branch: str = "") -> tuple[PullRequest, ...]:
        """The open ones whose latest commit is that one of that repository (owner/name): none where it was pushed again or closed since."""
        ...


class Comments(Protocol):
    """The train's comments under pull requests and issues."""

    def find(self, number: int, name: str) -> Comment | None:
        """Our comment of that name; None where there is none. Somebody else's is never ours, whatever it contains."""
        ...

    def keep(self, number: int, name: str, text: str) -> Comment:
        """Have exactly one comment of that name there, with this Markdown, whoever else does the same now.

        Other people's comments are left alone, whatever they contain. Text that is longer than GitHub takes is cut, and says so.
        """
        ...


class CommitStatuses(Protocol):
    """The lines under a commit."""

    def set(self, sha: str, status: CommitStatus) -> None:
        """Say it; nothing is added where the context's latest status says the same."""
        ...

    def latest(self, sha: str) -> tuple[CommitStatus, ...]:
        """The latest of each context."""
        ...

    def of_context(self, sha: str, context: str) -> tuple[CommitStatus, ...]:
        """All that was ever said in one context, the newest first."""
        ...


class TagPages(Protocol):
    """The repository's tags."""

    def commit_of(self, tag: str) -> str:
        """The commit that a tag names; empty where there is no such tag; raises Refused where it names something else."""
        ...


class DeploymentPages(Protocol):
    """GitHub's pages of deployments."""

    def of_run(self, environment: str, sha: str, run_id: int) -> DeploymentPage | None:
        """The deployment that GitHub made for a job of that run which names the environment; None where there is none."""
        ...

    def of_digest(self, environment: str, sha: str, digest: str) -> DeploymentPage:
        """The deployment of that digest at that commit, made once where there is none."""
        ...

    def tell(
        self, page: DeploymentPage, state: DeploymentState, digest: str, *, sentence: str = "", link: str = ""
    ) -> None:
        """Say what became of it; nothing is added where its latest status says the same."""
        ...


class ReleasePages(Protocol):
    """Releases and their assets."""

    def of_tag(self, tag: str) -> ReleasePage | None:
        """The published release of a tag; None where there is none."""
        ...

    def tags(self) -> Iterator[str]:
        """The tags of all published releases, the newest first, asked for as they are taken."""
        ...

    def made(self, tag: str, title: str, text: str, *, commit: str = "", prerelease: bool = False) -> ReleasePage:
        """The release of a tag, made once where there is none; a tag that is missing is made at the commit."""
        ...

    def keep_section(self, page: ReleasePage, name: str, text: str) -> ReleasePage:
        """Have exactly one section of that name in the release's text, with this Markdown; the rest stays."""
        ...

    def assets(self, page: ReleasePage) -> tuple[Asset, ...]:
        """Its files."""
        ...

    def put(self, page: ReleasePage, name: str, file: Path, *, replaces: bool = True) -> tuple[Asset, bool]:
        """Have that file there under that name; True where an equal one was there already. One that broke off is replaced.

        Raises:
            Refused: another whole file has that name, and it is not to be replaced.
        """
        ...

    def fetch(self, asset: Asset, into: Path, most_bytes: int) -> None:
        """Write an asset into a file, which is as GitHub says it is when this returns."""
        ...


class WorkflowRuns(Protocol):
    """What ran on GitHub, and what it left."""

    def get(self, run_id: int) -> WorkflowRun:
        """A run."""
        ...

    def of_commit(self, workflow: str, event: str, sha: str, branch: str) -> tuple[WorkflowRun, ...]:
        """The runs of a workflow file (`test.yml`) of this repository for that commit of that branch, the newest first."""
        ...

    def jobs(self, run_id: int) -> tuple[WorkflowJob, ...]:
        """The jobs of its latest attempt."""
        ...

    def artifacts(self, run_id: int, name: str = "") -> tuple[Artifact, ...]:
        """What its attempts left, the newest first; all, or those of a name."""
        ...

    def fetch(self, artifact: Artifact, most_bytes: int) -> bytes:
        """The zip file, whose digest is what GitHub reports; raises Refused where it is gone or GitHub reports none."""
        ...

    def reviews(self, run_id: int) -> tuple[Review, ...]:
        """Who let it into which environments, or did not."""
        ...

    def waiting(self, run_id: int) -> tuple[WaitingDeployment, ...]:
        """The environments that it waits before."""
        ...


class People(Protocol):
    """Whose the repository is, and who is behind the authors of its commits."""

    def owner(self) -> Person | None:
        """The repository's owner; None where it is an organization."""
        ...

    def author_of(self, commit: str) -> Person | None:
        """Whose account GitHub knows behind a commit's author; None where it knows none; raises Refused where it has no such commit."""
        ...

    def known_as(self, address: str) -> Person | None:
        """Whose account it knows behind a mail address, by commits of the repository; None where it knows none."""
        ...


class Issues(Protocol):
    """The train's issues."""

    def open_once(self, name: str, title: str, text: str, labels: tuple[str, ...] = ()) -> IssuePage:
        """The one issue of that name, opened where there never was one; one that somebody closed stays closed."""
        ...


class Runners(Protocol):
    """The repository's self-hosted runners."""

    def with_labels(self, labels: frozenset[str]) -> tuple[Runner, ...]:
        """Those that would take a job which asks for these labels.

        The token needs the permission administration=read, which a workflow's own never has.
        """
        ...
