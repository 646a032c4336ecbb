"""The story, chapter by chapter, in the order in which it is told."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.rehearsal.chapters import deciding, dry_run, gate, hanging, losing, prod, sandbox, sick, the_end
from pipeline.rehearsal.scene import Scene


@dataclass(frozen=True, slots=True)
class Part:
    """One chapter as it is written: what it is called, what it is about, and what happens."""

    title: str
    about: str
    play: Callable[[Scene], None]


STORY = tuple(
    Part(one.TITLE, one.ABOUT, one.play)
    for one in (gate, dry_run, sandbox, sick, prod, losing, hanging, deciding, the_end)
)
