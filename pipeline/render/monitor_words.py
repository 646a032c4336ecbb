"""Numbers and times of the monitor as a person reads them; the page and whoever compares it with the store use the same."""

from datetime import datetime, timedelta

NOTHING = "–"
"""What stands where there is no number."""


def money(value: float | None, beside: float | None = None) -> str:
    """Two digits behind the point, or five that count where it, and what it stands `beside`, is small."""
    if value is None:
        return NOTHING
    return f"{value:,.2f}" if max(abs(value), abs(beside or 0.0)) >= 1 or value == 0 else f"{value:.5g}"


def signed(value: float | None, beside: float | None = None) -> str:
    """Money with its sign."""
    if value is None:
        return NOTHING
    return ("+" if value > 0 else "−" if value < 0 else "") + money(abs(value), beside)


def percent(ratio: float | None) -> str:
    """A ratio as percent."""
    return NOTHING if ratio is None else f"{ratio * 100:.1f} %"


def small_percent(ratio: float | None) -> str:
    """A ratio of a single trade as percent, with its sign."""
    return NOTHING if ratio is None else f"{ratio * 100:+.2f} %".replace("-", "−")


def moment(at: datetime | None) -> str:
    """To the minute, in UTC."""
    return NOTHING if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def lasted(since: datetime, now: datetime) -> str:
    """How long it is ago, in the largest unit of which there are two."""
    gone = max(now - since, timedelta())
    for name, unit in (("days", timedelta(days=1)), ("hours", timedelta(hours=1)), ("minutes", timedelta(minutes=1))):
        if gone >= 2 * unit:
            return f"{gone // unit} {name}"
    return f"{int(gone.total_seconds())} s"
