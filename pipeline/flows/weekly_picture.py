"""The picture that goes with the week in words: a line a strategy, from what the watch kept, with what the ledger holds marked on it."""

from datetime import datetime

from pipeline.domain.train.facts import recorded
from pipeline.domain.week_picture import WeekPicture, week_line, week_marks, week_picture
from pipeline.flows.watch_post import Post
from pipeline.flows.weekly import WEEK
from pipeline.ports import PastObservations

MARKED = frozenset({"deployed", "braked", "rolled_back"})


def weekly_picture(post: Post, now: datetime) -> WeekPicture | None:
    """The week that ends now; None where there is nothing to draw. Raises Refused or ToolFailed where something cannot be read."""
    since = now - WEEK
    past = post.past() if post.past is not None else None
    if past is None:
        return None
    bundles = past.bundles()
    lines = [
        week_line(
            strategy,
            [_equity(past, strategy, bundle, since) for one, bundle in bundles if one == strategy],
            since,
            now,
        )
        for strategy in dict.fromkeys(strategy for strategy, _ in bundles)
    ]
    entries = [entry for entry in post.road.ledger.entries() if entry.at >= since and entry.kind in MARKED]
    return week_picture(post.road.environment.name, since, now, lines, week_marks(recorded(entries)))


def _equity(past: PastObservations, strategy: str, bundle: str, since: datetime) -> list[tuple[datetime, float]]:
    return [(one.at, one.equity) for one in past.samples(strategy, bundle, since) if one.equity is not None]
