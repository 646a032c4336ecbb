"""The real things behind `freqtrain github`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.adapters.files import write_whole
from pipeline.adapters.github.comments import GitHubComments
from pipeline.adapters.github.pull_requests import GitHubPullRequests
from pipeline.adapters.github.settings import GitHubSettings
from pipeline.adapters.github.workflow_runs import GitHubWorkflowRuns
from pipeline.adapters.joined_file import read_joined
from pipeline.config.environment_outline import load_outlines
from pipeline.config.repository import FILE, disagreements, load_wishes
from pipeline.domain.repository.codeowners import CODEOWNERS
from pipeline.errors import UsageError
from pipeline.flows import github_comment
from pipeline.flows.github_check import Ground
from pipeline.wiring.environments import FOLDER, environment_files
from pipeline.wiring.github_session import github_session


@contextmanager
def ground(repository: str | None, token_file: Path | None) -> Iterator[Ground]:
    """What a repository is compared with, and GitHub; the files are those of the checkout that the process runs in.

    Raises:
        UsageError: no repository is named, and the checkout has none at GitHub; or it is no checkout.
        Refused: the files have problems, or there is no token.
    """
    files = environment_files()
    if not files:
        raise UsageError(f"there are no environments in {FOLDER}/", hint="run it in the root of the repository")
    outlines = load_outlines(files)
    wishes = load_wishes(Path(FILE), outlines)
    with github_session(repository, token_file) as session:
        yield Ground(wishes, GitHubSettings(session), Path(CODEOWNERS), write_whole, disagreements(wishes, outlines))


@contextmanager
def comment_ground(repository: str | None, token_file: Path | None) -> Iterator[github_comment.Ground]:
    """What a pull request is told with. Nothing of any checkout is read but the address of its remote, where no repository is named."""
    with github_session(repository, token_file) as session:
        yield github_comment.Ground(
            GitHubPullRequests(session), GitHubComments(session), GitHubWorkflowRuns(session), read_joined
        )
