"""When a request is worth repeating, how long to wait first, and whether GitHub may have acted on it already."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.adapters.github.transport import Answer

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
SECONDARY_WAIT_SECONDS = 60.0
"""GitHub: "If the retry-after header is not present ..., wait for at least one minute", and longer each time.
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit"""

TRANSIENT = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait before the next try.

    `untouched` says that GitHub cannot have acted on the request, so that whatever it asks for may be asked again.
    """

    seconds: float
    why: str
    untouched: bool


def back_off_seconds(tried: int) -> float:
    """1, 2, 4, ... seconds after the first, second, third try."""
    return min(FIRST_WAIT_SECONDS * 2.0 ** (tried - 1), LONGEST_WAIT_SECONDS)


def pause_after(answer: Answer, tried: int, now: datetime) -> Pause | None:
    """The wait after an answer to try number `tried`; None where asking again would bring the same answer."""
    if answer.status in TRANSIENT:
        told = _number(answer.headers.get("retry-after"))
        return Pause(told or back_off_seconds(tried), f"GitHub answers {answer.status}", untouched=False)
    if answer.status not in (403, 429):
        return None
    seconds = _rate_limit_seconds(answer, tried, now)
    return None if seconds is None else Pause(seconds, "GitHub's rate limit is used up", untouched=True)


def _rate_limit_seconds(answer: Answer, tried: int, now: datetime) -> float | None:
    """The secondary limit names its wait; the primary one a moment, by GitHub's clock. A 403 without either is a refusal."""
    told = _number(answer.headers.get("retry-after"))
    if told is not None:
        return told
    reset = _number(answer.headers.get("x-ratelimit-reset"))
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - _their_time(answer, now).timestamp(), 0.0) + 1.0
    if answer.status == 429 or b"secondary rate limit" in answer.content[:10_000].lower():
        return SECONDARY_WAIT_SECONDS * 2.0 ** (tried - 1)
    return None


def _their_time(answer: Answer, now: datetime) -> datetime:
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return now
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 12 else None
