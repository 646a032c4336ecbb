"""A conversation with one repository on GitHub: asked again where that helps and harms nothing, refused in plain words otherwise."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import BinaryIO
from urllib.parse import quote

from requests.utils import parse_header_links

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.github.asking import BYTES, MOST_TRIES, PATIENCE_SECONDS, Asking, Unanswered
from pipeline.adapters.github.origins import API_URL, Origins, checked_repository
from pipeline.adapters.github.retries import back_off_seconds
from pipeline.adapters.github.transport import Answer, Request, Transport
from pipeline.domain.canonical import Plain
from pipeline.errors import Refused, ToolFailed
from pipeline.ports import Clock

__all__ = ["API_URL", "GitHubSession", "Unanswered", "segment"]

PAGE = 100
MOST_PAGES = 100
MOST_DOWNLOAD_BYTES = 64 << 20
MOST_DOWNLOAD_SECONDS = 1800.0

Query = str | int | bool | None


@dataclass(slots=True)
class GitHubSession:
    """Asks GitHub on behalf of one token.

    A path is below the repository (`pulls/3`; "" is the repository itself), or below the API where it begins with a slash (`/user`).
    What varies in it goes through `segment`. An answer is a JSON value, None where there is no content.

    Every call raises Refused where GitHub does not allow it (`refusals.NotFound`, `refusals.Invalid`: see there), and ToolFailed where it
    does not answer after `tries` or within `patience_seconds`, waits included; the hint names a permission that is missing.

    Args:
        token: may be empty for reading what is public. It is never printed, and goes to the API's host alone.
        repository: `owner/name`.
    """

    token: str = field(repr=False)
    repository: str
    api_url: str = API_URL
    clock: Clock = field(default_factory=SystemClock, repr=False)
    tries: int = MOST_TRIES
    patience_seconds: float = PATIENCE_SECONDS
    _origins: Origins = field(init=False, repr=False)
    _asking: Asking = field(init=False, repr=False)

    def __post_init__(self) -> None:
        checked_repository(self.repository)
        if not (self.token.isascii() and self.token.isprintable() and " " not in self.token):
            raise Refused(
                "the GitHub token holds characters that no token has", hint="set GITHUB_TOKEN to the token alone"
            )
        self._origins = Origins(self.api_url)
        transport = Transport(self.clock, self.token, proxies=not self._origins.is_loopback)
        self._asking = Asking(self.repository, self._origins, transport, self.clock, self.tries, self.patience_seconds)

    def get(self, path: str, **query: Query) -> Plain:
        """What is there."""
        return self._json(Request("GET", self._url(path), _texts(query)))

    def put(self, path: str, body: Plain = None) -> Plain:
        """Set something; repeated where an answer was lost, because twice is as once."""
        return self._json(self._with_body("PUT", path, body))

    def patch(self, path: str, body: Plain = None) -> Plain:
        """Change fields to values; repeated where an answer was lost, because twice is as once."""
        return self._json(self._with_body("PATCH", path, body))

    def delete(self, path: str, body: Plain = None) -> Plain:
        """Remove something; raises `refusals.NotFound` where it is gone, which after a lost answer may be our own doing."""
        return self._json(self._with_body("DELETE", path, body))

    def post(self, path: str, body: Plain = None) -> Plain:
        """Make something. Asked again only where GitHub cannot have acted on it; raises Unanswered where it may have."""
        return self._json(self._with_body("POST", path, body))

    def post_once(self, path: str, body: Plain, there: Callable[[], Plain]) -> Plain:
        """Make something, once though answers are lost: before it is asked again, `there` looks whether it is there (None: it is not)."""
        until = self.clock.now() + timedelta(seconds=self.patience_seconds)
        for tried in count(1):
            try:
                return self.post(path, body)
            except Unanswered:
                self.clock.sleep(back_off_seconds(tried))
                found = there()
                if found is not None:
                    return found
                if tried >= self.tries or self.clock.now() >= until:
                    raise
        raise AssertionError("unreachable")

    def pages(self, path: str, within: str = "", /, **query: Query) -> Iterator[Plain]:
        """All items of a list, page by page; `within` names the list where the answer is an object around it.

        Raises:
            ToolFailed: it is no list, it has no end, or its next page is said to be at another host.
        """
        request = Request("GET", self._url(path), {"per_page": str(PAGE)} | _texts(query))
        for _ in range(MOST_PAGES):
            answer = self._asking.answer(request)
            yield from _items(_read(answer, request), within, request)
            following = _next_link(answer)
            if not following:
                return
            if not self._origins.is_api(following):
                raise ToolFailed(f"GitHub's next page after {request} is at another host", hint="it was not asked")
            request = Request("GET", following)
        raise ToolFailed(f"GitHub's list {request} has more than {MOST_PAGES} pages")

    def download(self, path: str, most_bytes: int = MOST_DOWNLOAD_BYTES) -> bytes:
        """The bytes of an asset or artifact, from wherever GitHub keeps them."""
        return self._asking.answer(self._for_bytes(path, most_bytes)).content

    def save(self, path: str, into: BinaryIO, most_bytes: int) -> None:
        """Write the bytes of an asset or artifact into a file, which is empty before."""
        self._asking.answer(replace(self._for_bytes(path, most_bytes), into=into))

    def upload(self, url: str, name: str, content: BinaryIO, content_type: str) -> Plain:
        """Put a file to where GitHub said (`upload_url` of a release); raises Unanswered as `post` does."""
        at = url.partition("{")[0]
        if not self._origins.takes_uploads(at):
            raise ToolFailed("GitHub wants an upload at another host", hint="nothing was sent")
        return self._json(Request("POST", at, {"name": name}, content, content_type))

    def close(self) -> None:
        """Give the connections back."""
        self._asking.transport.close()

    def _url(self, path: str) -> str:
        return self._origins.url(self.repository, path)

    def _with_body(self, method: str, path: str, body: Plain) -> Request:
        return Request(method, self._url(path), content=None if body is None else _text(body))

    def _for_bytes(self, path: str, most_bytes: int) -> Request:
        return Request("GET", self._url(path), accept=BYTES, most_bytes=most_bytes, most_seconds=MOST_DOWNLOAD_SECONDS)

    def _json(self, request: Request) -> Plain:
        return _read(self._asking.answer(request), request)


def segment(text: str) -> str:
    """A name as one part of a path, whatever characters it holds."""
    return quote(text, safe="")


def _texts(query: Mapping[str, Query]) -> dict[str, str]:
    said = {name: value for name, value in query.items() if value is not None}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in said.items()}


def _text(body: Plain) -> bytes:
    return json.dumps(body, allow_nan=False).encode()


def _read(answer: Answer, request: Request) -> Plain:
    try:
        return answer.json()
    except ValueError as error:
        raise ToolFailed(f"GitHub answered {request} with something else than JSON", hint="try again later") from error


def _items(said: Plain, within: str, request: Request) -> list[Plain]:
    found = said.get(within) if within and isinstance(said, dict) else said
    if not isinstance(found, list):
        raise ToolFailed(f"GitHub answered {request} with something else than a list", hint="try again later")
    return found


def _next_link(answer: Answer) -> str:
    links = parse_header_links(answer.headers.get("link", ""))
    return next((str(link["url"]) for link in links if link.get("rel") == "next"), "")
