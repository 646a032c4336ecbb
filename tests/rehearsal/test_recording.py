"""A recording that is played back: every answer comes, and nobody waits for one that never will."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.rehearsal.scene import Scene
from tests.fakes import FakeNarrator
from tests.rehearsal.recording import BOOKS, FOR_EVER, PlayedBack, Question

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
KILLED: Question = ("kill", "prod")


def test_time_passes_by_sleeping_while_answers_come_and_jumps_after_the_last_one() -> None:
    world = PlayedBack({KILLED: [0, 0, 1], BOOKS: [{"n": n} for n in range(9)]}, BEGAN)
    found = []
    for _ in range(4):
        world.books()
        found.append(world.kill("prod"))
        world.sleep(1)
    assert found == [0, 0, 1, 1]
    assert world.at == BEGAN + timedelta(seconds=2) + 2 * FOR_EVER


def test_a_claim_that_came_true_late_does_so_again(tmp_path: Path) -> None:
    books = {"at": BEGAN.isoformat(), "prices": {}, "accounts": {}}
    world = PlayedBack({KILLED: [0] * 200 + [1], BOOKS: [books]}, BEGAN)
    scene = Scene(world, tmp_path, tmp_path, FakeNarrator(), {})
    scene.in_time("it is killed", lambda: world.kill("prod"), "the recording")
    assert [claim.held for claim in scene.claims] == [True]
