"""All fills of an account since a moment, asked for page by page, so that none hides behind the end of a page."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from pipeline.domain.account_report import AccountFill
from pipeline.errors import ToolFailed

MOST_PAGES = 2000
_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)

Page = Sequence[AccountFill]


def by_number(first: Page, beginning: Callable[[int], Page]) -> Iterator[AccountFill]:
    """For an exchange that numbers a pair's fills and lists them upwards, as Binance does.

    Args:
        first: the first page.
        beginning: the page that begins with a number.

    Raises:
        ToolFailed: there is no end to it.
    """
    page = first
    for _ in range(MOST_PAGES):
        if not page:
            return
        yield from page
        page = beginning(max(int(fill.id) for fill in page) + 1)
    raise _endless()


def by_time(
    within: Callable[[int, int], Page], since_at: datetime, until_at: datetime, *, longest: timedelta, full: int
) -> Iterator[AccountFill]:
    """For any other exchange, whether it lists the oldest or the latest first: a page that may have been cut is asked for again in halves.

    Args:
        within: the fills from one millisecond of the epoch to another, both included, as many as fit on a page.
        longest: how long a time may be asked for at once.
        full: with so many fills, a page may have been cut.

    Raises:
        ToolFailed: one millisecond has more fills than fit on a page, or there is no end to it.
    """
    start, end, step = milliseconds(since_at), milliseconds(until_at), longest // _MILLISECOND
    spans = [(first, min(first + step - 1, end)) for first in range(start, end + 1, step)][::-1]
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        if not spans:
            return
        first, last = spans.pop()
        page = within(first, last)
        if len(page) >= full:
            if first == last:
                raise ToolFailed(
                    "the exchange lists more fills in one moment than fit on a page, so that some stay hidden",
                    hint="compare the account's fills on the exchange's page with the bot's trades",
                )
            middle = (first + last) // 2
            spans += [(middle + 1, last), (first, middle)]
            continue
        new = [fill for fill in page if fill.id not in seen and milliseconds(fill.at) >= start]
        seen.update(fill.id for fill in new)
        yield from new
    if spans:
        raise _endless()


def milliseconds(at: datetime) -> int:
    """Since the epoch, rounded down."""
    return (at - _EPOCH) // _MILLISECOND


def _endless() -> ToolFailed:
    return ToolFailed(
        f"the exchange lists fills on more than {MOST_PAGES} pages",
        hint="the account has more of them than can be looked at; use an account of its own",
    )
