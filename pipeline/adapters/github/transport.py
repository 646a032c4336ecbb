"""One request and its answer, bounded in size and time; whether GitHub may have acted on it is told apart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import requests
from github3.session import GitHubSession as Github3Session
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError

from pipeline.domain.canonical import Plain
from pipeline.errors import ToolFailed
from pipeline.ports import Clock

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
"""How long GitHub may be silent."""

ANSWER_SECONDS = 120.0
"""How long a whole answer may take, however slowly it drips; downloads have longer."""

_CHUNK = 1 << 16


class NotSent(Exception):
    """The request did not reach GitHub."""


class AnswerLost(Exception):
    """The request was sent, and no whole answer came: GitHub may have acted on it or not."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; `content` is a text of JSON or an asset. What comes back goes `into` a file where one is given."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes | BinaryIO | None = None
    content_type: str = "application/json"
    accept: str = "application/vnd.github+json"
    most_bytes: int = 16 << 20
    most_seconds: float = ANSWER_SECONDS
    into: BinaryIO | None = None
    with_token: bool = True

    @property
    def may_be_repeated(self) -> bool:
        """Whether twice is as once."""
        return self.method != "POST"

    def rewound(self) -> "Request":
        """Itself, with its files at their beginning."""
        if self.into is not None:
            self.into.seek(0)
            self.into.truncate()
        if self.content is not None and not isinstance(self.content, bytes):
            self.content.seek(0)
        return self

    def __str__(self) -> str:
        return f"{self.method} {urlsplit(self.url).path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What GitHub said; headers by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Plain:
        """The content; raises ValueError where it is no JSON."""
        try:
            return cast(Plain, json.loads(self.content, parse_constant=_no_number)) if self.content else None
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error


@dataclass(slots=True)
class Transport:
    """Sends requests; the token goes with those that are meant for GitHub and is never printed.

    `proxies` are those of the environment.
    """

    clock: Clock
    token: str = field(repr=False, default="")
    proxies: bool = True
    _http: requests.Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._http = Github3Session()
        self._http.trust_env = self.proxies
        self._http.headers.update({"User-Agent": "freqtrain", "X-GitHub-Api-Version": "2022-11-28"})

    def send(self, request: Request) -> Answer:
        """Ask once, and follow no redirect.

        Raises:
            NotSent, AnswerLost: the message says why.
            ToolFailed: the answer has no end.
        """
        try:
            return self._send(request.rewound(), _Token(self.token if request.with_token else ""))
        except requests.ConnectionError as error:
            raise (NotSent if _never_connected(error) else AnswerLost)(_cause(error)) from error
        except requests.RequestException as error:
            raise AnswerLost(_cause(error)) from error

    def _send(self, request: Request, auth: requests.auth.AuthBase) -> Answer:
        headers = {
            "Accept": request.accept,
            "Content-Type": request.content_type if request.content is not None else None,
        }
        with self._http.request(
            request.method,
            request.url,
            params=dict(request.query),
            data=request.content,
            headers=headers,
            auth=auth,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as response:
            said = self._read(request, response)
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, lower, said)

    def _read(self, request: Request, response: requests.Response) -> bytes:
        until = self.clock.now() + timedelta(seconds=request.most_seconds)
        into = request.into if response.ok and not response.is_redirect else None
        said, length = bytearray(), 0
        for chunk in response.iter_content(_CHUNK):
            length += len(chunk)
            if length > request.most_bytes or self.clock.now() > until:
                raise ToolFailed(
                    f"GitHub's answer to {request} is larger than {request.most_bytes} bytes or has no end",
                    hint="nothing of it was used",
                )
            if into is None:
                said += chunk
            else:
                into.write(chunk)
        return bytes(said)

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()


class _Token(requests.auth.AuthBase):
    """The header for a token; without one, none (and none of the machine's .netrc). github3's own shows a token's beginning."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.pop("Authorization", None)
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def __repr__(self) -> str:
        return "a token" if self._token else "no token"


def _never_connected(error: requests.ConnectionError) -> bool:
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | NameResolutionError)


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "nothing listens there" if _never_connected(error) else "the connection broke off"
    return f"the answer is damaged ({type(error).__name__})"


def _no_number(text: str) -> Plain:
    raise ValueError(f"{text} is no number of JSON")
