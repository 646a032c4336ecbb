"""How the double misbehaves, on demand: the next requests that fit get a fault instead of, or after, what they asked for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any


@dataclass
class Fault:
    """A fault for the next `times` requests whose `METHOD /path` the pattern finds.

    Without `status`, the connection is cut. `acted` says whether the request has its effect first. `before` is called when one fits, before
    anything else: somebody else may do something just then.
    """

    fits: str = ""
    times: int = 1
    status: int = 0
    body: Json = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    acted: bool = False
    seconds: float = 0.0
    before: Callable[[], None] | None = None
    passes: bool = False

    def takes(self, asked: str) -> bool:
        """Whether it is meant for a request; counts it."""
        if self.times < 1 or not re.search(self.fits, asked):
            return False
        self.times -= 1
        return True


def outage(fits: str = "", times: int = 1, status: int = 502, *, acted: bool = False) -> Fault:
    """GitHub's front answers, in HTML."""
    return Fault(
        fits, times, status, content=b"<html>Unicorn!</html>", headers={"Content-Type": "text/html"}, acted=acted
    )


def cut(fits: str = "", times: int = 1, *, acted: bool = False) -> Fault:
    """The connection breaks off without an answer."""
    return Fault(fits, times, acted=acted)


def primary_limit(fits: str = "", times: int = 1, *, reset: int) -> Fault:
    """The hour's requests are used up until a moment, in seconds since 1970."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset), "x-ratelimit-limit": "5000"}
    return Fault(fits, times, 403, {"message": "API rate limit exceeded for user ID 1."}, headers=headers)


def secondary_limit(fits: str = "", times: int = 1, *, retry_after: int | None = None) -> Fault:
    """Too much at once."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(fits, times, 403, {"message": "You have exceeded a secondary rate limit."}, headers=headers)


def instead(fits: str, content: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Fault:
    """Whatever bytes one likes for an answer."""
    return Fault(fits, 1, status, content=content, headers={"Content-Type": "application/json", **(headers or {})})


def meanwhile(fits: str, do: Callable[[], None], times: int = 1) -> Fault:
    """Somebody else is quicker; the request itself passes."""
    return Fault(fits, times, before=do, passes=True)


def slow(fits: str, seconds: float) -> Fault:
    """The answer takes its time."""
    return Fault(fits, seconds=seconds, passes=True)
