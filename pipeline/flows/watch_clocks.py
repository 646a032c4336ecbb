"""A clock that was set forward, or a device that slept, makes every loop look silent for as long: a watch notices by a clock that nobody sets."""

from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.flows.watch_post import Post

JUMP = timedelta(seconds=30)
"""By how much more than what has passed the clock must have gone on to be called set."""


class Clocks:
    """What both clocks of a device showed when they were compared last."""

    def __init__(self) -> None:
        self._showed: tuple[datetime, float] | None = None

    def compared(self, post: Post) -> Post:
        """The post, which knows that the clock has jumped since both were compared last; that is told."""
        if post.running_seconds is None:
            return post
        now, running = post.road.clock.now(), post.running_seconds()
        if self._showed is not None:
            passed = timedelta(seconds=running - self._showed[1])
            if (now - self._showed[0]) - passed > JUMP:
                post = replace(post, jumped_at=now)
                post.road.narrator.say("the clock was set forward, or the device slept: silence counts from now")
        self._showed = now, running
        return post
