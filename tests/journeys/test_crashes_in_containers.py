"""Wherever a verb dies (tests/flows/test_crashes.py), with the stand-in bot in containers of a real Docker engine.

Most places differ in the ledger alone: to the engine, only which calls it saw before and which after the death is another case. They are found
with fakes, for every place there is, and then one place of each case is played with containers.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.adapters.clock import SystemClock
from pipeline.adapters.compose.layout import layout
from pipeline.adapters.compose.runtime import ComposeRuntime
from pipeline.domain.bot import BotState
from pipeline.errors import ToolFailed
from pipeline.flows.converge import bring_back, converge
from tests.adapters.compose.conftest import image
from tests.adapters.compose.device import stand_in
from tests.adapters.compose.engine import docker
from tests.flows.road_ground import STRATEGY, Device
from tests.flows.test_crashes import EITHER, JOURNEYS, MOST_CALLS, Journey, journey

__all__ = ["image"]

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

CALLS = ("start sandbox-", "start test-", "stop sandbox-", "stop test-", "remove ")
DEATH = "death"


@dataclass
class Engine:
    """The containers of one place of death, and what is left of them."""

    home: Path
    image: str

    @property
    def runtime(self) -> ComposeRuntime:
        return ComposeRuntime(self.home, SystemClock(), self.image, host_network=True, command=stand_in)

    def containers(self, *options: str) -> list[str]:
        mark = layout(self.home).project("test").mark
        return docker("ps", "--quiet", *options, "--filter", f"name=freqtrain-{mark}-").split()

    @contextmanager
    def behind_the_fakes(self) -> Iterator[None]:
        """Devices of fakes have containers meanwhile; then none is left."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Device, "real", self.runtime)
            yield
        self.clear()

    def clear(self) -> None:
        if left := self.containers("--all"):
            docker("rm", "--force", *left)
        shutil.rmtree(self.home, ignore_errors=True)

    def kill_all(self) -> None:
        if there := self.containers():
            docker("kill", *there)


@pytest.fixture
def engine(tmp_path: Path, image: str) -> Iterator[Engine]:
    found = Engine(tmp_path / "device", image)
    yield found
    found.clear()


def cases(one: Journey, folder: Path) -> list[tuple[int, str]]:
    """A place of death for each that the engine can tell apart, with what the verb was about to do. After a call is before the next one."""
    found: dict[tuple[str, ...], tuple[int, str]] = {}
    for number in range(1, MOST_CALLS):
        with noted() as seen:
            device = journey(one, folder / f"{number}", (number, False))
            seen.append(DEATH)
            converged(device)
        found.setdefault(tuple(seen), (number, device.died_in))
        if not device.died_in:
            return list(found.values())
    raise AssertionError("the places do not end")


@contextmanager
def noted() -> Iterator[list[str]]:
    """The calls of a runtime that had an effect meanwhile."""
    seen: list[str] = []
    changing = Device.changing

    def noting(device: Device, what: str, effect: Callable[[], None]) -> None:
        changing(device, what, effect)
        if what.startswith(CALLS):
            seen.append(what)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Device, "changing", noting)
        yield seen


def converged(device: Device) -> str:
    """Whoever comes next; what could not be brought back."""
    try:
        bring_back(device.road(), "timer")
    except ToolFailed as error:
        return error.message
    return ""


@pytest.mark.parametrize("one", JOURNEYS, ids=lambda one: one.name)
def test_wherever_the_verb_dies_containers_are_brought_to_what_should_run(
    one: Journey, tmp_path: Path, engine: Engine
) -> None:
    for number, died_in in cases(one, tmp_path):
        where = f"{one.name} died at call {number} ({died_in})"
        with engine.behind_the_fakes():
            device = journey(one, tmp_path / f"{number} in containers", (number, False))
            told = converged(device)
            assert not told or (one.name == "never healthy" and "what ran before runs again" in told), where
            assert (device.died_in, device.violations) == (died_in, []), where
            assert tuple(device.entering()) in one.entering, where
            assert len(device.alive()) <= 1, where
            assert device.road().state().of(STRATEGY).progress is None, where
            up = [bot.spec.bundle for bot in engine.runtime.running() if bot.state is not BotState.DOWN]
            assert (up, len(engine.containers())) == (device.alive(), len(device.alive())), where
            calls = device.calls
            bring_back(device.road(), "timer")
            assert device.calls == calls, f"{where}: a second look finds nothing to do"


def test_all_containers_are_killed_in_the_middle_of_a_deployment_and_what_should_run_comes_back(
    tmp_path: Path, engine: Engine
) -> None:
    carry = next(one for one in JOURNEYS if one.name == "carry")
    found = cases(carry, tmp_path)
    assert len(found) > 3
    for number, died_in in found:
        with engine.behind_the_fakes():
            device = journey(carry, tmp_path / f"{number} in containers", (number, False))
            engine.kill_all()
            assert all(bot.state is BotState.DOWN for bot in engine.runtime.running())
            converge(device.road(), "boot")
            assert (device.violations, len(engine.containers())) == ([], 1), died_in
            assert tuple(device.entering()) in EITHER, died_in
