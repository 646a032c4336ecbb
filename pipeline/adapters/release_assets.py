"""Assets of GitHub releases, over GitHub's REST API."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from github3 import exceptions
from github3.repos.release import Asset, Release
from github3.session import GitHubSession
from requests import RequestException

from pipeline.errors import FreqtrainError, Refused, ToolFailed

API_URL = "https://api.github.com"

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 120.0
_PAGE = 100
_MOST_PAGES = 50


@dataclass(slots=True)
class ReleaseAssets:
    """See `ports.Releases`; `token` may be empty for reading a public repository. It is never printed."""

    repository: str
    token: str = field(repr=False, default="")
    api_url: str = API_URL

    def upload(self, tag: str, title: str, text: str, name: str, archive: Path) -> tuple[str, bool]:
        """Put a file into the release of a tag; an asset of the same name and size is left as it is."""
        if not self.token:
            raise Refused("GITHUB_TOKEN is not set", hint="set it to a token that may write the repository's contents")
        with self._conversation() as session:
            release = self._release(session, tag) or self._create(session, tag, title, text)
            there = _asset(release, name)
            if there is not None:
                if there.state == "uploaded" and there.size == archive.stat().st_size:
                    return str(there.browser_download_url), True
                there.delete()
            with archive.open("rb") as content:
                uploaded = release.upload_asset("application/x-tar", name, content)
            return str(uploaded.browser_download_url), False

    def download(self, tag: str, name: str, into: Path) -> None:
        """Write an asset into a file."""
        with self._conversation() as session:
            release = self._release(session, tag)
            asset = _asset(release, name) if release is not None else None
            asset = asset or next(filter(None, (_asset(other, name) for other in self._releases(session))), None)
            if asset is None:
                raise Refused(
                    f"no release of {self.repository} holds {name}",
                    hint=f"freqtrain data publish FOLDER --repository {self.repository} uploads a data set",
                )
            with into.open("wb") as content:
                asset.download(content)
            size = into.stat().st_size
            if size != asset.size:
                raise ToolFailed(
                    f"the download of {name} broke off after {size} of {asset.size} bytes", hint="try again"
                )

    def _release(self, session: GitHubSession, tag: str) -> Release | None:
        response = session.get(self._url(session, "tags", tag))
        if response.status_code == 404:
            return None
        _demand(response, 200)
        return Release(response.json(), session)

    def _create(self, session: GitHubSession, tag: str, title: str, text: str) -> Release:
        wish = {"tag_name": tag, "name": title, "body": text, "make_latest": "false"}
        response = session.post(self._url(session), json=wish)
        if response.status_code == 422:
            made_meanwhile = self._release(session, tag)
            if made_meanwhile is not None:
                return made_meanwhile
        _demand(response, 201)
        return Release(response.json(), session)

    def _releases(self, session: GitHubSession) -> Iterator[Release]:
        for page in range(1, _MOST_PAGES + 1):
            response = session.get(self._url(session), params={"per_page": _PAGE, "page": page})
            _demand(response, 200)
            releases = response.json()
            yield from (Release(release, session) for release in releases)
            if len(releases) < _PAGE:
                return

    def _url(self, session: GitHubSession, *parts: str) -> str:
        owner, _, repository = self.repository.partition("/")
        return str(session.build_url("repos", owner, repository, "releases", *parts))

    @contextmanager
    def _conversation(self) -> Iterator[GitHubSession]:
        """A session whose failures are told in our words."""
        session = GitHubSession(default_connect_timeout=_CONNECT_SECONDS, default_read_timeout=_READ_SECONDS)
        session.base_url = self.api_url.rstrip("/")
        if self.token:
            session.token_auth(self.token)
        try:
            yield session
        except FreqtrainError:
            raise
        except exceptions.GitHubError as error:
            raise _in_our_words(error, self.repository, bool(self.token)) from error
        except (exceptions.GitHubException, RequestException) as error:
            raise ToolFailed(
                f"GitHub could not be reached or answered something else than a release: {type(error).__name__}",
                hint="check the network and try again",
            ) from error
        finally:
            session.close()


def _asset(release: Release, name: str) -> Asset | None:
    return next((asset for asset in release.original_assets if asset.name == name), None)


def _demand(response: object, status: int) -> None:
    if getattr(response, "status_code", None) != status:
        raise exceptions.error_for(response)


def _in_our_words(error: exceptions.GitHubError, repository: str, with_token: bool) -> FreqtrainError:
    if error.code in (401, 403, 404):
        hint = (
            "the token needs the permission to write contents" if with_token else "set GITHUB_TOKEN to a token that may"
        )
        what = "has no such repository, or does not show it to us" if error.code == 404 else f"refuses ({error.code})"
        return Refused(f"GitHub {what}: {repository}", hint=hint)
    return ToolFailed(f"GitHub answered {error.code}: {error.message}", hint="try again later")
