"""The caller is killed before each of its steps in turn, and at any moment; whoever calls next finds a device that goes on from there.

A step is a call of the docker program, a file put in place, or a folder taken away. They are counted, not listed: a new one is found by itself.
"""

import errno
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters import process
from pipeline.adapters.compose import containers, printed
from pipeline.domain.bot import BotSpec, BotState
from pipeline.errors import ToolFailed
from tests.adapters.compose.device import ContainerDevice, PortedBots
from tests.runtime_contract import NAME, bot, lives, started, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

MOST_STEPS = 40
MOST_LOOKS = 5
"""What is asked again and again until something has come about is a step only so often: how often it is asked depends on the machine."""

STEPS = [(process, "run"), (containers, "write_whole"), (printed, "write_whole"), (containers, "set_aside")]


@contextmanager
def before_each_step(react: Callable[[int], None]) -> Iterator[None]:
    """Call with 1, 2, 3, ... before each step."""
    counted, asked = 0, Counter[str]()

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            nonlocal counted
            asked[repr(arguments)] += 1
            if asked[repr(arguments)] <= MOST_LOOKS:
                counted += 1
                react(counted)
            return real(*arguments, **named)

        return step

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in STEPS:
            patch.setattr(owner, name, counting(getattr(owner, name)))
        yield


def killed_before(number: int, call: Callable[[], None]) -> bool:
    """Run it in a process of its own that is killed before that step; False where it came to its end first."""

    def die(step: int) -> None:
        if step == number:
            os.kill(os.getpid(), signal.SIGKILL)

    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            with before_each_step(die):
                call()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


def runs_once(device: ContainerDevice, spec: BotSpec) -> None:
    """The same call again leads to one bot, which began once."""
    device.again().start(spec)
    wait_for(device, lambda: lives(spec) >= 1)
    found = bot(device.runtime)
    assert (found.spec, found.state, found.restarts) == (spec, BotState.RUNNING, 0)
    assert (device.processes(spec), len(device.containers()), lives(spec)) == (1, 1, 1)


def error_of(call: Callable[[], None]) -> ToolFailed | None:
    """What a call fails with."""
    try:
        call()
    except ToolFailed as error:
        return error
    return None


def forget(device: ContainerDevice, spec: BotSpec) -> None:
    """As if it had never been."""
    device.runtime.stop(NAME, 20.0)
    device.runtime.remove(NAME)
    (Path(spec.home) / "lives").unlink(missing_ok=True)


@pytest.mark.parametrize("before", [False, True], ids=["first", "after another"])
def test_a_start_goes_on_wherever_its_caller_died(device: ContainerDevice, bots: PortedBots, before: bool) -> None:
    spec = bots.spec()
    for number in range(1, MOST_STEPS):
        if before:  # Its container is there, and what it printed is to be kept.
            started(device, spec)
            device.runtime.stop(NAME, 20.0)
            (Path(spec.home) / "lives").unlink()
        killed = killed_before(number, lambda: device.runtime.start(spec))
        assert device.processes(spec) <= 1
        runs_once(device, spec)
        if not killed:
            break
        forget(device, spec)
    else:
        pytest.fail("the steps do not end")
    assert number > (9 if before else 7)


def test_a_stop_and_a_removal_go_on_wherever_their_caller_died(device: ContainerDevice, bots: PortedBots) -> None:
    spec = bots.spec(ignore_term=True)
    for number in range(1, MOST_STEPS):
        started(device, spec)
        stopped = not killed_before(number, lambda: device.runtime.stop(NAME, 0.0))
        device.runtime.stop(NAME, 0.0)
        assert (bot(device.runtime).state, device.processes(spec)) == (BotState.DOWN, 0)
        removed = not killed_before(number, lambda: device.runtime.remove(NAME))
        assert [each.state for each in device.runtime.running()] in ([], [BotState.DOWN])
        device.runtime.remove(NAME)
        assert (device.runtime.running(), device.containers(every=True)) == ((), [])
        if stopped and removed:
            break
    else:
        pytest.fail("the steps do not end")
    assert number > 4


@pytest.mark.parametrize("seconds", [0.0, 0.06, 0.15, 0.3])
def test_a_start_whose_caller_is_killed_while_docker_works_leads_to_one_bot(
    device: ContainerDevice, bots: PortedBots, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docker was told by then goes on without its caller."""
    spec, run = bots.spec(), process.run

    def dies_meanwhile(argv: Sequence[str], **named: Any) -> Any:
        if "up" in argv:
            threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
        return run(argv, **named)

    pid = os.fork()
    if pid == 0:
        try:
            monkeypatch.setattr(process, "run", dies_meanwhile)
            device.runtime.start(spec)
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(pid, 0)[1]) or seconds > 0.1
    runs_once(device, spec)


def test_a_start_on_a_full_disk_is_told_and_goes_on_when_there_is_room(
    device: ContainerDevice, bots: PortedBots
) -> None:
    spec, real, failing = bots.spec(), containers.write_whole, 0
    while True:
        failing, writes = failing + 1, 0

        def write(path: Path, content: str, *, mode: int = 0o644, failing: int = failing) -> None:
            nonlocal writes
            writes += 1
            if writes == failing:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            real(path, content, mode=mode)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(containers, "write_whole", write)
            told = error_of(lambda: device.runtime.start(spec))
        if told is None:
            break
        assert told.message.startswith("test-swing-a could not be started: No space left on device: ")
        assert "make room on the disk" in told.hint
        assert (device.containers(every=True), lives(spec)) == ([], 0)
    assert failing == 3
    runs_once(device, spec)
