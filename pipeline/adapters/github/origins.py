"""Which addresses are GitHub's own: the token goes to those and to no others."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from pipeline.errors import Refused, UsageError

API_URL = "https://api.github.com"

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}", re.ASCII)
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origins:
    """GitHub's API and where it takes uploads.

    Args:
        api_url: `https://api.github.com`, an Enterprise server's `https://HOST/api/v3`, or a loopback address, which alone may be without TLS.

    Raises:
        Refused: it is no such address.
    """

    api_url: str

    def __post_init__(self) -> None:
        parts = _parts(self.api_url)
        if parts is None or parts.query or parts.fragment or not self._may_be_asked(parts):
            raise Refused(
                f"{self.api_url!r} is no address of GitHub's API to which a token may be sent",
                hint=f"it begins with https:// and has neither user nor query: {API_URL}",
            )

    def url(self, repository: str, path: str) -> str:
        """The address of a path: below the repository, or below the API where it begins with a slash.

        Raises:
            UsageError: it is no path that means the same to everybody on the way.
        """
        if (
            any(unquote(part) in (".", "..") for part in path.split("/"))
            or not path.isprintable()
            or set(path) & set("?#\\ ")
        ):
            raise UsageError(f"{path!r} is no path of GitHub's API")
        whole = path if path.startswith("/") else f"/repos/{repository}/{path}".rstrip("/")
        return self.api_url.rstrip("/") + whole

    def is_api(self, url: str) -> bool:
        """Whether an address is one of the API."""
        parts, here = _parts(url), urlsplit(self.api_url)
        return (
            parts is not None and _origin(parts) == _origin(here) and parts.path.startswith(here.path.rstrip("/") + "/")
        )

    def takes_uploads(self, url: str) -> bool:
        """Whether GitHub takes a release's assets there: `uploads.` instead of `api.`, and an Enterprise server on its one host."""
        scheme, host, port = _origin(urlsplit(self.api_url))
        at = "uploads." + host.removeprefix("api.") if host.startswith("api.") else host
        parts = _parts(url)
        return parts is not None and _origin(parts) == (scheme, at, port)

    def may_store(self, url: str) -> bool:
        """Whether a download may be redirected there: anywhere with TLS, and from the loopback to the loopback."""
        parts = _parts(url)
        return parts is not None and (parts.scheme == "https" or (self.is_loopback and self._may_be_asked(parts)))

    @property
    def is_loopback(self) -> bool:
        """Whether the API is on this machine."""
        return _is_loopback(urlsplit(self.api_url))

    @staticmethod
    def _may_be_asked(parts: SplitResult) -> bool:
        return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts))


def checked_repository(name: str) -> str:
    """`owner/name` as GitHub allows it; raises UsageError for anything else."""
    if not _REPOSITORY.fullmatch(name):
        raise UsageError(f"{name!r} is no repository", hint="name it as owner/name")
    return name


def _parts(url: str) -> SplitResult | None:
    """An address that everybody takes apart in the same way, or None: urllib and urllib3 find different hosts in `https://a\\@b/`."""
    try:
        parts = urlsplit(url)
        _origin(parts)
    except ValueError:
        return None
    plain = url.isascii() and url.isprintable() and not set(url) & set("\\ <>") and "@" not in parts.netloc
    return parts if plain and parts.hostname else None


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _is_loopback(parts: SplitResult) -> bool:
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
