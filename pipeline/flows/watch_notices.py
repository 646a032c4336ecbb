"""What the ledger has new is told to people elsewhere: the one place that turns facts into notices."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.domain.ledger import Entry
from pipeline.domain.notice_words import news
from pipeline.domain.notices import Notice, Place
from pipeline.errors import FreqtrainError
from pipeline.flows.watch_post import Post
from pipeline.flows.weekly import weekly
from pipeline.flows.weekly_picture import weekly_picture

FIRST = timedelta(minutes=15)
"""What was recorded for so long before anybody was ever told anything is told: the deployment that this watch was started for."""

MOST_AT_ONCE = 30
"""Notices of one round; more come together where nobody watched for long."""

LAST_SECONDS = 8.0
"""How long the end of a watch waits for messages to go."""

SUMMED_UP = (0, 6)
"""Weekday (Monday is 0) and hour (UTC) from which on the week before is summed up."""


def tell_news(post: Post) -> None:
    """Tell what was recorded since people were told last, and on Mondays how the week was.

    Raises:
        Refused, ToolFailed: the ledger.
    """
    notices = post.notices
    place = notices.place() if notices is not None else None
    if notices is None or place is None:
        return
    name, now = post.road.environment.name, post.road.clock.now()
    entries = post.road.ledger.entries()
    begin, told = _begin(place, entries, now), list[Notice]()
    if place.begun and place.length and begin == len(entries) != place.length:
        told.append(
            Notice(now, name, "the ledger is not the one that it was; what is in it is told from here on", True)
        )
    told += _bounded(news(entries, begin, name), name, now)
    week = week_of(now)
    if place.week and week != place.week:
        told += _summary(post, now)
    reached = Place(len(entries), entries[-1].hash if entries else "", week if place.week != week else place.week)
    if reached != place:
        notices.tell_news(told, reached)


def end(post: Post) -> None:
    """The watch ends: tell what was recorded since its last round, such as what ended it, and send what waits."""
    if post.notices is None:
        return
    try:
        tell_news(post)
    except FreqtrainError as error:
        post.road.narrator.say(error.message)
    post.notices.close(LAST_SECONDS)


def week_of(now: datetime) -> str:
    """The week that is to be summed up next, by its ISO number: a new one begins on Monday at six (UTC)."""
    weekday, hour = SUMMED_UP
    return f"{now - timedelta(days=weekday, hours=hour):%G-W%V}"


def _begin(place: Place, entries: Sequence[Entry], now: datetime) -> int:
    """The first entry (from 0) that is news. A ledger that was put in the other's place is not told anew."""
    if not place.begun:
        return next((number for number, entry in enumerate(entries) if now - entry.at <= FIRST), len(entries))
    same = place.length <= len(entries) and (not place.length or entries[place.length - 1].hash == place.hash)
    return place.length if same else len(entries)


def _bounded(notices: Sequence[Notice], name: str, now: datetime) -> Sequence[Notice]:
    """The latest ones, and how many more there are."""
    more = len(notices) - MOST_AT_ONCE
    if more <= 0:
        return notices
    told = f"{more} more things happened while nobody watched: freqtrain log {name} --lines 200"
    return (Notice(now, name, told), *notices[more:])


def _summary(post: Post, now: datetime) -> tuple[Notice, ...]:
    """How the week was, with a picture; where that cannot be read, that is what is told."""
    name = post.road.environment.name
    try:
        told = Notice(now, f"{name}: the week", weekly(post, now))
    except FreqtrainError as error:
        return (Notice(now, f"{name}: the week", f"it cannot be summed up: {error.message}"),)
    try:
        return (replace(told, picture=weekly_picture(post, now)),)
    except FreqtrainError as error:
        post.road.narrator.say(f"the week has no picture: {error.message}")
        return (told,)
