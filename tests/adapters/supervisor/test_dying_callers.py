"""The caller is killed before each of its steps in turn; whoever calls next finds a device that goes on from there.

A step is a call of supervisord, a file put in place, a program started, or a folder taken away. They are counted, not listed: a new one is
found by itself.
"""

import errno
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters import process
from pipeline.adapters.supervisor import client, master, programs, remains
from pipeline.domain.bot import BotSpec, BotState
from pipeline.errors import ToolFailed
from tests.adapters.supervisor.device import SupervisedDevice
from tests.runtime_contract import NAME, Bots, bot, lives, started, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.sockets]

MOST_STEPS = 60
MOST_LOOKS = 5
"""What is asked again and again until something has come about is a step only so often: how often it is asked depends on the machine."""

STEPS = [
    (client.Client, "call"),
    (process, "run"),
    (programs, "write_whole"),
    (master, "write_whole"),
    (programs, "set_aside"),
]


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


def runs_once(device: SupervisedDevice, spec: BotSpec) -> None:
    """The same call again leads to one bot, which began once."""
    device.again().start(spec)
    wait_for(device, lambda: lives(spec) >= 1)
    found = bot(device.runtime)
    assert (found.spec, found.state, found.restarts) == (spec, BotState.RUNNING, 0)
    assert device.processes(spec) == 1
    assert lives(spec) == 1


def error_of(call: Callable[[], None]) -> str:
    """What a call fails with; empty where it does not."""
    try:
        call()
    except ToolFailed as error:
        return error.message
    return ""


@pytest.mark.parametrize("with_supervisord", [False, True])
def test_a_start_goes_on_wherever_its_caller_died(device: SupervisedDevice, bots: Bots, with_supervisord: bool) -> None:
    spec = bots.spec()
    for number in range(1, MOST_STEPS):
        killed = killed_before(number, lambda: device.runtime.start(spec))
        assert device.processes(spec) <= 1
        runs_once(device, spec)
        if not killed:
            break
        device.runtime.stop(NAME, 20.0)
        device.runtime.remove(NAME)
        (Path(spec.home) / "lives").unlink()
        if not with_supervisord:
            device.runtime.shutdown()
    else:
        pytest.fail("the steps do not end")
    assert number > (6 if with_supervisord else 9)


def test_a_stop_goes_on_wherever_its_caller_died(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec(ignore_term=True)
    for number in range(1, MOST_STEPS):
        started(device, spec)
        killed = killed_before(number, lambda: device.runtime.stop(NAME, 0.5))
        if bot(device.runtime).state is BotState.STOPPING:
            wait_for(
                device, lambda: bot(device.runtime).state is BotState.DOWN
            )  # nobody calls: supervisord keeps the deadline
            assert device.processes(spec) == 0
        device.runtime.stop(NAME, 0.5)
        assert bot(device.runtime).state is BotState.DOWN
        assert device.processes(spec) == 0
        if not killed or number > 5:
            break
    assert number > 3


def test_a_removal_goes_on_wherever_its_caller_died(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    for number in range(1, MOST_STEPS):
        started(device, spec)
        device.runtime.stop(NAME, 20.0)
        killed = killed_before(number, lambda: device.runtime.remove(NAME))
        assert [each.state for each in device.runtime.running()] in ([], [BotState.DOWN])
        device.runtime.remove(NAME)
        assert device.runtime.running() == ()
        if not killed:
            break
    assert number > 4


@pytest.mark.parametrize("seconds", [0.0, 0.08, 0.2])
def test_a_kill_of_the_caller_and_of_supervisord_at_any_moment_leads_to_one_bot(
    device: SupervisedDevice, bots: Bots, seconds: float
) -> None:
    spec = bots.spec()
    pid = os.fork()
    if pid == 0:
        try:
            device.runtime.start(spec)
        finally:
            os._exit(0)
    device.clock.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    for each in remains.marked(device.layout.mark):
        with suppress(
            ProcessLookupError
        ):  # What has gone to the background by then leaves its parent behind for a moment.
            os.kill(each, signal.SIGKILL)
    found = started(device, spec)
    assert (found.state, found.restarts) == (BotState.RUNNING, 0)
    assert device.pids(NAME) == (found.pid,)


def test_a_start_on_a_full_disk_is_told_and_goes_on_when_there_is_room(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    real = programs.write_whole
    for failing in range(1, MOST_STEPS):
        writes = 0

        def write(path: Path, content: str, *, mode: int, failing: int = failing) -> None:
            nonlocal writes
            writes += 1
            if writes == failing:
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            real(path, content, mode=mode)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(programs, "write_whole", write)
            patch.setattr(master, "write_whole", write)
            told = error_of(lambda: device.runtime.start(spec))
        if not told:
            break
        assert told.startswith("test-swing-a could not be started: No space left on device: ")
        assert device.processes(spec) == 0
    assert failing == 5
    wait_for(device, lambda: lives(spec) == 1)
    runs_once(device, spec)


def test_two_callers_at_once_start_one_bot(device: SupervisedDevice, bots: Bots) -> None:
    spec = bots.spec()
    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                device.again().start(spec)
                code = 0
            finally:
                os._exit(code)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0, 0, 0, 0]
    runs_once(device, spec)
