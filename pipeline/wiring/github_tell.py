"""The real things behind what is told of deployments: GitHub, and the clock."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.github.commit_statuses import GitHubCommitStatuses
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.config.trading_fields import ENVIRONMENT_PATTERN
from pipeline.errors import UsageError
from pipeline.flows import github_wait
from pipeline.ports import Narrator
from pipeline.wiring.github_session import github_session as _session

WEB_URL = "https://github.com"


@contextmanager
def wait_ground(
    repository: str | None, token_file: Path | None, narrator: Narrator
) -> Iterator[tuple[github_wait.Ground, str]]:
    """What a wait is told with, and which repository that is."""
    with _session(repository, token_file) as session:
        runs = GitHubWorkflowRuns(session)
        yield github_wait.Ground(GitHubCommitStatuses(session), runs, SystemClock(), narrator), session.repository


def awaited(environment: str, sha: str, job: str, run_id: int, minutes: int, repository: str) -> github_wait.Awaited:
    """What is waited for; raises UsageError where a name is none."""
    name = checked_environment(environment)
    return github_wait.Awaited(name, checked_commit(sha), job, run_id, minutes, run_link(repository, run_id))


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
