"""The lock of an environment: whoever waits for it gets it when it is free, and says for whom it waits."""

import fcntl
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.environment_lock import EnvironmentLock
from pipeline.errors import Locked
from tests.fakes import FakeClock, FakeNarrator


@dataclass
class Passing(FakeClock):
    """While somebody sleeps, something else happens."""

    meanwhile: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.meanwhile()


def lock(folder: Path, by: str, clock: FakeClock, patience_seconds: float = 0.0) -> tuple[EnvironmentLock, list[str]]:
    narrator = FakeNarrator()
    return EnvironmentLock(folder / "test" / "lock", by, clock, patience_seconds, say=narrator.say), narrator.lines


def held(folder: Path, clock: FakeClock) -> AbstractContextManager[None]:
    return lock(folder, "anna", clock)[0]("promote v1")


def test_whoever_does_not_wait_is_told_who_is_at_work(tmp_path: Path) -> None:
    clock = FakeClock()
    impatient, said = lock(tmp_path, "ben", clock)
    with held(tmp_path, clock), pytest.raises(Locked, match="promote v1 by anna"), impatient("promote v2"):
        pass
    assert said == []
    assert clock == FakeClock()


def test_whoever_waits_has_it_when_the_other_ends_and_says_once_for_whom(tmp_path: Path) -> None:
    with ExitStack() as anna:
        clock = Passing()
        anna.enter_context(held(tmp_path, clock))
        began = clock.now()

        def end_after_a_minute() -> None:
            if clock.now() - began > timedelta(seconds=60):
                anna.close()

        clock.meanwhile = end_after_a_minute
        patient, said = lock(tmp_path, "ben", clock, 600)
        with patient("promote v2"):
            assert "promote v2 by ben" in patient.holder()
            assert timedelta(seconds=60) < clock.now() - began < timedelta(seconds=62)
    (line,) = said
    assert "promote v1 by anna" in line
    assert "waiting" in line


def test_patience_ends(tmp_path: Path) -> None:
    clock = FakeClock()
    began = clock.now()
    patient, _ = lock(tmp_path, "ben", clock, 600)
    with held(tmp_path, clock), pytest.raises(Locked, match="promote v1 by anna"), patient("promote v2"):
        pass
    assert timedelta(seconds=600) <= clock.now() - began < timedelta(seconds=602)


def looking(folder: Path) -> int:
    """What `holder` holds for the moment in which it looks."""
    file = os.open(folder / "test" / "lock", os.O_RDONLY)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def test_whoever_only_looks_keeps_nobody_out_however_impatient(tmp_path: Path) -> None:
    with held(tmp_path, FakeClock()):
        pass  # the file is there from an earlier verb
    looker = looking(tmp_path)
    clock = Passing(meanwhile=lambda: os.close(looker))
    impatient, said = lock(tmp_path, "ben", clock)
    with impatient("promote v2"):
        assert "promote v2 by ben" in impatient.holder()
    assert said == []
    assert clock.now() - FakeClock().now() < timedelta(seconds=1)


def test_many_who_look_all_the_time_end_the_patience_of_the_impatient_some_day(tmp_path: Path) -> None:
    with held(tmp_path, FakeClock()):
        pass
    looker = looking(tmp_path)
    impatient, _ = lock(tmp_path, "ben", FakeClock())
    with pytest.raises(Locked), impatient("promote v2"):
        pass
    os.close(looker)
