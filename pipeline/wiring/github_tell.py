"""The real things behind what is told of deployments: GitHub, and the clock."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.github.commit_statuses import GitHubCommitStatuses
from pipeline.adapters.github.deployments import GitHubDeployments
from pipeline.adapters.github.issues import GitHubIssues
from pipeline.adapters.github.releases import GitHubReleases
from pipeline.adapters.github.tags import GitHubTags
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.adapters.promotion_file import read_promotion
from pipeline.adapters.roll_back_file import read_roll_backs as roll_backs
from pipeline.config.trading_fields import ENVIRONMENT_PATTERN
from pipeline.domain.promotion_account import Deploy, Ended
from pipeline.errors import UsageError
from pipeline.flows import github_tell, github_wait
from pipeline.ports import Issues, Narrator
from pipeline.wiring.github_session import github_session

__all__ = ["awaited", "checked_environment", "deploy", "issues", "roll_backs", "run_link", "tell_ground", "wait_ground"]

WEB_URL = "https://github.com"


@contextmanager
def wait_ground(
    repository: str | None, token_file: Path | None, narrator: Narrator
) -> Iterator[tuple[github_wait.Ground, str]]:
    """What a wait is told with, and which repository that is."""
    with github_session(repository, token_file) as session:
        statuses, runs, tags = GitHubCommitStatuses(session), GitHubWorkflowRuns(session), GitHubTags(session)
        pages = GitHubDeployments(session)
        yield github_wait.Ground(statuses, runs, tags, pages, SystemClock(), narrator), session.repository


@contextmanager
def tell_ground(
    repository: str | None, token_file: Path | None, file: Path
) -> Iterator[tuple[github_tell.Ground, str]]:
    """What the end of a deployment is told with, and which repository that is."""
    with github_session(repository, token_file) as session:
        ground = github_tell.Ground(
            GitHubDeployments(session),
            GitHubCommitStatuses(session),
            GitHubReleases(session),
            GitHubIssues(session),
            GitHubTags(session),
            GitHubWorkflowRuns(session),
            partial(read_promotion, file),
        )
        yield ground, session.repository


@contextmanager
def issues(repository: str | None, token_file: Path | None) -> Iterator[tuple[Issues, str]]:
    """Where issues are opened, and which repository that is."""
    with github_session(repository, token_file) as session:
        yield GitHubIssues(session), session.repository


def deploy(
    environment: str, sha: str, tag: str, ended: Ended, run: tuple[int, int], repository: str, job: str = ""
) -> Deploy:
    """The job that is told of; raises UsageError where a name is none."""
    name, commit = checked_environment(environment), checked_commit(sha)
    ran = os.environ.get("GITHUB_SHA", "")
    typed = os.environ.get("GITHUB_REF", "") != f"refs/tags/{tag}"
    chosen = os.environ.get("GITHUB_EVENT_NAME", "") == "schedule"
    link = run_link(repository, run[0])
    return Deploy(name, commit, tag, ended, run, link, ran if ran != commit else "", typed, chosen, job)


def awaited(
    environment: str, sha: str, tag: str, job: str, run_id: int, minutes: int, repository: str
) -> github_wait.Awaited:
    """What is waited for; raises UsageError where a name is none."""
    name = checked_environment(environment)
    return github_wait.Awaited(name, checked_commit(sha), job, run_id, minutes, run_link(repository, run_id), tag)


def run_link(repository: str, run_id: int) -> str:
    """The page of a run."""
    return f"{os.environ.get('GITHUB_SERVER_URL') or WEB_URL}/{repository}/actions/runs/{run_id}"


def checked_commit(sha: str) -> str:
    """A commit by its whole name; raises UsageError for anything else."""
    if not re.fullmatch(r"[0-9a-f]{40}", sha):
        raise UsageError(f"{sha!r} is no commit", hint="give all its 40 digits")
    return sha


def checked_environment(name: str) -> str:
    """An environment's name; raises UsageError for anything else."""
    if not re.fullmatch(ENVIRONMENT_PATTERN, name):
        raise UsageError(f"{name!r} is no environment")
    return name
