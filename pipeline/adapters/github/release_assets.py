"""Files that are shared over GitHub's releases, found by their name alone: data sets."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.github.releases import GitHubReleases
from pipeline.adapters.github.session import GitHubSession
from pipeline.errors import Refused

MOST_BYTES = 2 << 30
"""GitHub takes no larger asset."""


@dataclass(frozen=True, slots=True)
class ReleaseAssets:
    """See `ports.Releases`; the session's token may be empty for reading a public repository."""

    github: GitHubSession

    def upload(self, tag: str, title: str, text: str, name: str, archive: Path) -> tuple[str, bool]:
        """Put a file into the release of a tag; an equal asset is left as it is."""
        if not self.github.token:
            raise Refused("GITHUB_TOKEN is not set", hint="set it to a token that may write the repository's contents")
        releases = GitHubReleases(self.github)
        asset, there = releases.put(releases.made(tag, title, text), name, archive)
        return asset.url, there

    def download(self, tag: str, name: str, into: Path) -> None:
        """Write an asset into a file."""
        releases = GitHubReleases(self.github)
        asset = releases.find(name, tag)
        if asset is None:
            raise Refused(
                f"no release of {self.github.repository} holds {name}",
                hint=f"freqtrain data publish FOLDER --repository {self.github.repository} uploads a data set",
            )
        releases.fetch(asset, into, MOST_BYTES)
