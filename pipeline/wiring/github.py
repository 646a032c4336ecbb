"""The real things behind `freqtrain github`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.adapters.files import write_whole
from pipeline.adapters.github.origins import API_URL
from pipeline.adapters.github.remote import found_token, origin_repository
from pipeline.adapters.github.session import GitHubSession
from pipeline.adapters.github.settings import GitHubSettings
from pipeline.config.environment_outline import load_outlines
from pipeline.config.repository import FILE, disagreements, load_wishes
from pipeline.domain.repository.codeowners import CODEOWNERS
from pipeline.errors import UsageError
from pipeline.flows.github_check import Ground
from pipeline.wiring.environments import FOLDER, environment_files


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
    token = found_token(token_file, os.environ)
    host = urlsplit(os.environ.get("GITHUB_SERVER_URL", "")).hostname or "github.com"
    name = repository or origin_repository(Path(), host)
    session = GitHubSession(token, name, os.environ.get("GITHUB_API_URL") or API_URL)
    try:
        yield Ground(wishes, GitHubSettings(session), Path(CODEOWNERS), write_whole, disagreements(wishes, outlines))
    finally:
        session.close()
