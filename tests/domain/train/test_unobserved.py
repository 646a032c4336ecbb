"""What `status` says of observations: a stretch that is not kept, a bot that tells nothing, and damaged files want a person's look."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.domain.train.facts import Recorded
from pipeline.domain.train.fold import fold
from pipeline.domain.train.movements import Deployed, Deploying, Purpose
from pipeline.domain.train.state import EnvironmentState
from pipeline.domain.train.unobserved import Kept, LastLook, Unobserved, unobserved

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
BUNDLE = "sha256:" + "a" * 64


def standing(minutes: float = 600.0) -> EnvironmentState:
    """A bundle was deployed so long ago."""
    at = NOW - timedelta(minutes=minutes)
    facts = (
        Deploying("test", "dip", Purpose.DEPLOY, BUNDLE, "a", (), "operator"),
        Deployed("test", "dip", BUNDLE, "a", "operator"),
    )
    return fold((Recorded(line, at, fact) for line, fact in enumerate(facts, start=1)), "test")


def look(minutes: float, told: float | None, state: str = "running") -> LastLook:
    """The last look was so many minutes ago, and the one before it that told numbers."""
    return LastLook(NOW - timedelta(minutes=minutes), state, None if told is None else NOW - timedelta(minutes=told))


@pytest.mark.parametrize("kept", [look(0.5, 0.5), look(2.9, 2.9), look(1, 2.9, "silent"), look(0, 0, "paused")])
def test_what_is_kept_and_told_needs_no_word(kept: LastLook) -> None:
    assert unobserved(standing(), Kept({"dip": kept}), NOW, watched=True) == ()


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (None, "nothing of dip was kept ever, though somebody watches; `freqtrain watch test --once` says why"),
        (look(17, 17), "nothing of dip was kept since 2026-01-02 11:43 UTC, though somebody watches; "),
        (look(0, 40, "silent"), "the bot of dip has told no numbers since 2026-01-02 11:20 UTC: it is silent"),
        (look(0, None, "strange"), "the bot of dip has told no numbers yet: it is strange"),
    ],
)
def test_a_gap_that_lasts_is_said_with_its_beginning(kept: LastLook | None, told: str) -> None:
    (found,) = unobserved(standing(), Kept({"dip": kept} if kept else {}), NOW, watched=True)
    assert found.environment == "test"
    assert found.told.startswith(told)


def test_who_was_deployed_just_now_is_given_time() -> None:
    for kept in (Kept(), Kept({"dip": look(60, 60)}), Kept({"dip": look(0, 60)})):
        assert unobserved(standing(minutes=2), kept, NOW, watched=True) == ()
    assert len(unobserved(standing(minutes=4), Kept({"dip": look(60, 60)}), NOW, watched=True)) == 1


def test_where_nobody_watches_that_is_enough_to_say() -> None:
    assert unobserved(standing(), Kept(), NOW, watched=False) == ()


def test_a_damaged_file_and_one_that_cannot_be_read_are_said_whoever_watches() -> None:
    kept = Kept({}, ("observations.sqlite.damaged-1",), "the observations are damaged: it is no database")
    for watched in (True, False):
        fault, aside = unobserved(standing(), kept, NOW, watched=watched)
        assert fault == Unobserved("test", kept.fault)
        assert "was set aside as observations.sqlite.damaged-1" in aside.told


def test_where_nothing_stands_nothing_is_missing() -> None:
    assert unobserved(EnvironmentState("test"), Kept(), NOW, watched=True) == ()
