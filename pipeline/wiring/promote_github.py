"""GitHub for `freqtrain promote --github-approval`: who approved, who may, and who wrote what boards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.adapters.github.people import GitHubPeople
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.config.approvers import approvers_in
from pipeline.config.repository import FILE
from pipeline.flows.approve_github import OnGitHub
from pipeline.ports import Tags
from pipeline.wiring.github_session import branch_of, github_session


@contextmanager
def github_of(clone: Path, main: str, tags: Tags) -> Iterator[OnGitHub]:
    """GitHub's word on the repository that a clone belongs to; who may approve is read from its protected main."""
    with github_session(None, clone=clone) as session:
        yield OnGitHub(
            session.repository,
            branch_of(main),
            GitHubWorkflowRuns(session),
            GitHubPeople(session),
            lambda: approvers_in(tags.read_main(FILE)),
        )
