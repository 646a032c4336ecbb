"""The real things behind `freqtrain data`."""

import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pipeline.adapters.archive import pack, unpack
from pipeline.adapters.candle_folder import read_folder
from pipeline.adapters.clock import SystemClock
from pipeline.adapters.exchange_downloads import FreqtradeDownloads
from pipeline.adapters.folders import whole_folder
from pipeline.config.environment import load_environment
from pipeline.domain.environment import DatasetReference
from pipeline.flows.data_fetch import Fetched, fetch
from pipeline.flows.data_import import Imported, import_folder
from pipeline.flows.data_publish import Published, publish
from pipeline.flows.data_pull import pull
from pipeline.ports import Narrator, Releases
from pipeline.wiring.data_sets import data_sets
from pipeline.wiring.environments import environment_file

__all__ = ["data_sets", "fetch_data", "import_data", "publish_data", "pull_data"]


def import_data(
    folder: Path, markets: Path | None, out: Path, *, name: str, exchange: str, notes: tuple[str, ...]
) -> Imported:
    """Take a folder of candle files in."""
    read = partial(read_folder, folder, markets)
    return import_folder(
        read, out, data_sets(), taken_at=SystemClock().now(), name=name, exchange=exchange, notes=notes
    )


def pull_data(
    exchange: str, pairs: Sequence[str], timeframes: Sequence[str], days: int, out: Path, name: str, narrator: Narrator
) -> Imported:
    """Download candles and markets through freqtrade."""
    with tempfile.TemporaryDirectory(prefix="freqtrain-pull-") as scratch:
        return pull(
            exchange,
            pairs,
            timeframes,
            days,
            out,
            name=name,
            downloads=FreqtradeDownloads(),
            read=read_folder,
            sets=data_sets(),
            clock=SystemClock(),
            narrator=narrator,
            scratch=Path(scratch),
        )


def publish_data(root: Path, repository: str, tag: str, narrator: Narrator) -> Published:
    """Upload a data set to a GitHub release."""
    with tempfile.TemporaryDirectory(prefix="freqtrain-publish-") as scratch:
        releases = _releases(repository)
        return publish(
            root, tag, sets=data_sets(), pack=pack, releases=releases, narrator=narrator, scratch=Path(scratch)
        )


def fetch_data(digest: str, repository: str, user_data: Path, narrator: Narrator) -> Fetched:
    """Download a data set from a GitHub release."""
    with tempfile.TemporaryDirectory(prefix="freqtrain-fetch-") as scratch:
        return fetch(
            digest,
            user_data,
            sets=data_sets(),
            releases=_releases(repository),
            unpack=unpack,
            whole_folder=whole_folder,
            narrator=narrator,
            scratch=Path(scratch),
        )


def dataset_of(environment: str) -> DatasetReference:
    """The data set that an environment names."""
    return load_environment(environment_file(environment), os.environ).environment.dataset


def _releases(repository: str) -> Releases:
    # A sixth of a second that only two verbs need.
    from pipeline.adapters.github.release_assets import ReleaseAssets
    from pipeline.adapters.github.session import API_URL, GitHubSession

    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN") or ""
    return ReleaseAssets(GitHubSession(token, repository, os.environ.get("GITHUB_API_URL") or API_URL))
