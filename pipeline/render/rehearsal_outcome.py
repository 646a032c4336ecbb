"""What a rehearsal amounts to, in an outcome and in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.domain.rehearsal import Chapter, Rehearsal
from pipeline.domain.verdict import Outcome
from pipeline.render.outcomes import counted
from pipeline.render.plain import NAME_LIMIT, plain_text

NOTE = "The exchange and the market are simulated: this proves the train, and not the strategies."


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What did not hold, or why a chapter was not told to its end; `shown_by` is "" for the latter."""

    outcome: Outcome
    number: int
    chapter: str
    what: str
    shown_by: str = ""


def outcome(rehearsal: Rehearsal) -> Outcome:
    """PASS where all was told and all held, FAIL where a claim did not hold, and ERROR where only the telling broke off."""
    if rehearsal.held:
        return Outcome.PASS
    return Outcome.FAIL if any(not claim.held for claim in rehearsal.claims) else Outcome.ERROR


def chapter_outcome(chapter: Chapter) -> Outcome:
    """The same of one chapter."""
    if chapter.held:
        return Outcome.PASS
    return Outcome.FAIL if any(not claim.held for claim in chapter.claims) else Outcome.ERROR


def sentence(rehearsal: Rehearsal) -> str:
    """The whole in a sentence: "All 52 claims held in 8 chapters (163 s)." """
    total, kept = len(rehearsal.claims), sum(claim.held for claim in rehearsal.claims)
    if rehearsal.held:
        claims = f"All {total} claims" if total > 1 else "The only claim"
        return f"{claims} held in {counted(len(rehearsal.chapters), 'chapter')} ({took(rehearsal.seconds)})."
    chapters = f"{len(rehearsal.chapters)} of {counted(rehearsal.expected, 'chapter')}"
    if kept == total:
        return f"{counted(total, 'claim')} held, but the story is not whole: {chapters} ({took(rehearsal.seconds)})."
    return f"{kept} of {counted(total, 'claim')} held in {chapters} ({took(rehearsal.seconds)})."


def shortfalls(rehearsal: Rehearsal) -> Iterator[Shortfall]:
    """Everything that keeps the rehearsal from having held, in the order of the story; its texts are fit to be shown."""
    for number, chapter in enumerate(rehearsal.chapters, 1):
        title = plain_text(chapter.title, NAME_LIMIT)
        failed = [claim for claim in chapter.claims if not claim.held]
        for claim in failed:
            shown_by = plain_text(claim.shown_by)
            yield Shortfall(Outcome.FAIL, number, title, plain_text(claim.sentence), shown_by)
        if chapter.stopped and not failed:
            yield Shortfall(Outcome.ERROR, number, title, f"it broke off: {plain_text(chapter.stopped, 2_000)}")
        elif not chapter.claims:
            yield Shortfall(Outcome.ERROR, number, title, "it claims nothing")


def missing(rehearsal: Rehearsal) -> str:
    """How many chapters were not told, "" where all were."""
    left = rehearsal.expected - len(rehearsal.chapters)
    return f"{counted(left, 'chapter')} {'was' if left == 1 else 'were'} not told." if left > 0 else ""


def claimed(chapter: Chapter) -> str:
    """ "5 claims held", "3 of 4 claims held"."""
    total, kept = len(chapter.claims), sum(claim.held for claim in chapter.claims)
    return f"{counted(total, 'claim')} held" if total == kept else f"{kept} of {counted(total, 'claim')} held"


def took(seconds: float) -> str:
    """A length of time: "4.3 s", "163 s"."""
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
